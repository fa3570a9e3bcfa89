{# SQL that tells whether a row of the window w comes so long after the one before it that it begins a new run; q.o is what rows are
   ordered by.
   variables: none #}
create or replace function export_model.gap_condition(p_order text, p_type text, p_gap text, p_gap_type regtype)
returns text
language plpgsql stable strict
set search_path = pg_catalog, pg_temp
as {% set source %}

declare
  l_numbers constant regtype[] := '{smallint,integer,bigint,real,double precision,numeric}';
  l_is_time constant boolean := p_type::regtype = any ('{timestamp,timestamptz,date}'::regtype[]);
  l_gap constant text := format('%L::%s', p_gap, case when p_gap_type = 'interval'::regtype then 'pg_catalog.interval' else 'pg_catalog.numeric' end);
  l_is_wide boolean;
begin
  if not (l_is_time and p_gap_type = 'interval'::regtype
      or p_type::regtype = any (l_numbers) and p_gap_type = any (l_numbers)) then
    raise exception 'max_gap is %, and column "%" is %', p_gap_type, p_order, p_type
      using errcode = 'datatype_mismatch',
        hint = 'Times take an interval, as in max_gap => interval ''5 minutes''; numbers take a number.';
  end if;
  execute format('select %s > %s', l_gap, case when l_is_time then 'interval ''0''' else '0' end) into l_is_wide;
  if not l_is_wide then
    raise exception 'max_gap is %; give more than nothing', p_gap using errcode = 'invalid_parameter_value';
  end if;
  return format('(%1$s operator(pg_catalog.-) pg_catalog.lag(%1$s) over w) operator(pg_catalog.>) %2$s',
    case when p_type::regtype = 'date'::regtype then 'q.o::pg_catalog.timestamp' else 'q.o' end, l_gap);
end
{% endset %}{{ source | body }}
