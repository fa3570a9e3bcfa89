{# One run at a time fills a table. The lock ends with the transaction: one of the session would stay behind in a server's
   session that a pool hands to others.
   variables: settings of the function #}
create or replace function export_model.lock_target(p_target regclass)
returns void
language plpgsql volatile strict
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

begin
  if not pg_try_advisory_xact_lock((7307497::bigint << 32) + p_target::oid::bigint) then
    raise exception 'another run is writing scores to %', p_target
      using errcode = 'lock_not_available', hint = 'Wait until it is done, or end it; what it committed is not scored again.';
  end if;
end
{% endset %}{{ source | body }}
