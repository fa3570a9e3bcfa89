{# Called by the version's own functions only. What is so already is not written again: a function whose row changes is compiled
   again in every session.
   variables: identity, the function with its argument types #}
do {% set source %}

begin
  if has_function_privilege('public', {{ identity | literal }}, 'execute') then
    revoke all on function {{ identity }} from public;
  end if;
end
{% endset %}{{ source | body }}
