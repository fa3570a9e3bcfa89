{# One run at a time fills a table. The lock ends with the transaction: one of the session would stay behind in a server's
   session that a pool hands to others.
   A commit lets go of this lock last: who waited for that transaction, because both were making the target, runs a moment
   before it is free, and so waits for a tenth of a second.
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
  for attempt in 1 .. 10 loop
    if pg_try_advisory_xact_lock((7307497::bigint << 32) + p_target::oid::bigint) then
      return;
    end if;
    perform pg_sleep(0.01);
  end loop;
  raise exception 'another run is writing scores to %', p_target
    using errcode = 'lock_not_available', hint = 'Wait until it is done, or end it; what it committed is not scored again.';
end
{% endset %}{{ source | body }}
