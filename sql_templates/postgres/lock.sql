{# One deployment at a time: a second one waits here, and says for whom after a second, then sees what the first one did.
   variables: none #}
do {% set source %}

declare
  l_who text;
begin
  for l_try in 1 .. 10 loop
    if pg_catalog.pg_try_advisory_xact_lock(7307497, 1) then
      return;
    end if;
    perform pg_catalog.pg_sleep(0.1);
  end loop;
  select h.who into l_who from (
{% include 'lock_holder.sql' %}

  ) h;
  raise warning 'waiting for %, who changes models of this database', l_who;
  perform pg_catalog.pg_advisory_xact_lock(7307497, 1);
end
{% endset %}{{ source | body }}
