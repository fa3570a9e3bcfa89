{# The loader is for the owner only. What reads a table for a caller runs with the caller's rights, and he
   needs to reach it; the tables stay closed.
   variables: helpers, names of the functions that callers need #}
do {% set source %}

declare
  l_helper regprocedure;
begin
  revoke all on function export_model.load(text), export_model.loaded(text), export_model.cache_limit(),
    export_model.evict(bigint, bigint, double precision, text[]), export_model.collect(bytea, bigint, bigint),
    export_model.drop_model(text, boolean) from public;
  grant usage on schema export_model to public;
  for l_helper in
    select p.oid from pg_proc p
    where p.pronamespace = 'export_model'::regnamespace
      and p.proname = any ({{ helpers | texts }})
  loop
    execute format('grant execute on routine %s to public', l_helper);
  end loop;
end
{% endset %}{{ source | body }}
