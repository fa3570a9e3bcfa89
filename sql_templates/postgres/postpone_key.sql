{# Leave the primary key of a table of scores that this transaction made to make_key, when all rows are in: row by row it costs as much as
   the row. The table's comment says so, by which a later run knows. Not where a key might be too long for an index: that is to be found
   at its row. Returns whether it was left.
   variables: none #}
create or replace function export_model.postpone_key(p_job jsonb, p_key text)
returns boolean
language plpgsql volatile strict
set search_path = pg_catalog, pg_temp
as {% set source %}

declare
  l_target constant regclass := p_job ->> 'target';
  l_name name;
begin
  if not (select t.typlen > 0 from pg_type t where t.oid = (p_job ->> 'key_type')::regtype)
      and not (p_job ->> 'blocks' is not null and export_model.has_key((p_job ->> 'from_item')::regclass, p_key)) then
    return false;
  end if;
  -- Who makes a table holds it alone until he commits; of another run's, made meanwhile, the key stays.
  select c.conname into l_name from pg_constraint c
    where c.conrelid = l_target and c.contype = 'p' and exists (
      select from pg_locks l where l.locktype = 'relation' and l.relation = c.conrelid and l.pid = pg_backend_pid()
        and l.mode = 'AccessExclusiveLock' and l.granted
        and l.database = (select d.oid from pg_database d where d.datname = current_database()));
  if l_name is null then
    return false;
  end if;
  begin
    execute format('alter table %s drop constraint %I', export_model.full_name(l_target), l_name);
    execute format('comment on table %s is %L', export_model.full_name(l_target), export_model.key_mark());
  exception when others then
    return false;  -- event triggers may refuse it, and the key may stay as well
  end;
  return true;
end
{% endset %}{{ source | body }}
