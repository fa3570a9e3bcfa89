{# Who may use the schema may score, also where default privileges took EXECUTE from PUBLIC: the right
   on score itself, which stays when a deployment replaces it, then decides.
   variables: identity, the function with its argument types #}
grant execute on function {{ identity }} to public
