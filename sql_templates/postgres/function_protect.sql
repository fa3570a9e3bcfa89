{# Called by the version's own functions only.
   variables: identity, the function with its argument types #}
revoke all on function {{ identity }} from public
