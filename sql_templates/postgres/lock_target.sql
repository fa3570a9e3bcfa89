{# One run at a time fills a table. p_for_session holds the lock beyond this transaction.
   variables: none #}
create or replace function export_model.lock_target(p_target regclass, p_for_session boolean)
returns void
language plpgsql volatile strict
set search_path = pg_catalog, pg_temp
as {% set source %}

declare
  l_lock constant bigint := (7307497::bigint << 32) + p_target::oid::bigint;
  l_is_locked boolean;
begin
  if p_for_session then
    l_is_locked := pg_try_advisory_lock(l_lock);
  else
    l_is_locked := pg_try_advisory_xact_lock(l_lock);
  end if;
  if not l_is_locked then
    raise exception 'another run is writing scores to %', p_target
      using errcode = 'lock_not_available', hint = 'Wait until it is done, or end it; what it committed is not scored again.';
  end if;
end
{% endset %}{{ source | body }}
