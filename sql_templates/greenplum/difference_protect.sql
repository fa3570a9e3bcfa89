{# For the owner only.
   variables: model; numbers_type, SQL of the type of both #}
revoke all on function {{ model | ident }}.difference({{ numbers_type }}, {{ numbers_type }}) from public
