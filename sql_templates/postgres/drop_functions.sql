{# Remove functions that were made for this transaction alone.
   variables: identities, with their argument types #}
do {% set source %}

declare
  l_identity text;
begin
  foreach l_identity in array {{ identities | texts }} loop
    execute 'drop routine ' || l_identity;
  end loop;
end
{% endset %}{{ source | body }}
