{# Remove score, label and verify of an earlier version where the new ones have other parameters or
   results; those that stay the same are replaced in place, so that views on them go on.
   variables: model; kind, that of the functions in objects; aliases, each with identity, header, and same, none or a
   regular expression of headers that can stay as well: the statement that makes the function keeps their names #}
do {% set source %}

declare
  l_outdated record;
begin
  for l_outdated in
    select o.identity, (
      select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
      where n.nspname = {{ model | literal }} and replace(o.identity, '"', '')
        = replace(n.nspname || '.' || p.proname || '(' || oidvectortypes(p.proargtypes) || ')', '"', '')) as function
    from export_model.objects o
    where o.model = {{ model | literal }} and o.kind = {{ kind | literal }}
{% if aliases %}
      and not exists (
        select from (values
{% for alias in aliases %}
          ({{ alias.identity | literal }}, {{ alias.header | literal }}, {{ alias.same | literal }}){% if not loop.last %},{% endif %}

{% endfor %}
        ) as n (identity, header, same) where n.identity = o.identity and (n.header = o.header or o.header ~ n.same))
{% endif %}
  loop
    if l_outdated.function is not null then
      execute 'drop routine ' || l_outdated.function;
    end if;
    delete from export_model.objects where model = {{ model | literal }} and identity = l_outdated.identity;
  end loop;
end
{% endset %}{{ source | body }}
