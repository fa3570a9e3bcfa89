{# For the owner only.
   variables: model #}
revoke all on function {{ model | ident }}.difference(real[], real[]) from public
