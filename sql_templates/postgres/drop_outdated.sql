{# Remove score, label and verify of an earlier version where the new ones have other parameters or
   results; those that stay the same are replaced in place, so that views on them go on.
   variables: model; aliases, each with identity and header #}
do {% set source %}

declare
  l_identity text;
begin
  for l_identity in
    select o.identity from export_model.objects o
    where o.model = {{ model | literal }} and o.kind = 'alias'
      and not exists (
        select from (values
{% for alias in aliases %}
          ({{ alias.identity | literal }}, {{ alias.header | literal }}){% if not loop.last %},{% endif %}

{% endfor %}
        ) as n (identity, header) where n.identity = o.identity and n.header = o.header)
  loop
    execute 'drop routine ' || l_identity;
    delete from export_model.objects where model = {{ model | literal }} and identity = l_identity;
  end loop;
end
{% endset %}{{ source | body }}
