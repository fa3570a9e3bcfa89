{# SQL that tells whether a row of the window w comes so long after the one before it that it begins a new run; q.o is what rows are
   ordered by. Whole numbers are subtracted in a wider type; to a time without end every gap is one. A gap that is a text is what it has to be.
   variables: settings of the function; guards, calls that refuse where it may not run #}
create or replace function export_model.gap_condition(p_order text, p_type text, p_gap text, p_gap_type regtype)
returns text
language plpgsql stable strict
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

declare
  l_numbers constant regtype[] := '{smallint,integer,bigint,real,double precision,numeric}';
  l_type constant regtype := p_type::regtype;
  l_is_time constant boolean := l_type = any ('{timestamp,timestamptz,date}'::regtype[]);
  l_is_number constant boolean := l_type = any (l_numbers);
  l_is_text constant boolean := p_gap_type = 'text'::regtype;
  l_gap constant text := format('%L::%s', p_gap,
    case when p_gap_type = 'interval'::regtype or l_is_text and l_is_time then 'pg_catalog.interval' else 'pg_catalog.numeric' end);
  l_item constant text := case when l_type = 'date'::regtype then 'q.o::pg_catalog.timestamp'
    when l_type in ('smallint'::regtype, 'integer'::regtype) then 'q.o::pg_catalog.int8'
    when l_type = 'bigint'::regtype then 'q.o::pg_catalog.numeric' else 'q.o' end;
  l_is_wide boolean;
begin
{% for guard in guards %}
  perform {{ guard }};
{% endfor %}
  if not l_is_time and not l_is_number then
    raise exception 'max_gap cannot be told between values of column "%", which is %', p_order, l_type
      using errcode = 'datatype_mismatch',
        hint = 'Order by a number, a date or a timestamp, which a query can make of it, or leave max_gap out.';
  elsif not l_is_text and (l_is_time and p_gap_type <> 'interval'::regtype or l_is_number and p_gap_type <> all (l_numbers)) then
    raise exception 'max_gap is %, and column "%" is %', p_gap_type, p_order, l_type
      using errcode = 'datatype_mismatch',
        hint = 'Times take an interval, as in max_gap => interval ''5 minutes''; numbers take a number.';
  end if;
  execute format('select %s > %s', l_gap, case when l_is_time then 'interval ''0''' else '0' end) into l_is_wide;
  if not l_is_wide then
    raise exception 'max_gap is %; give more than nothing', p_gap using errcode = 'invalid_parameter_value';
  end if;
  if l_is_time then
    return format('case when pg_catalog.isfinite(%1$s) and pg_catalog.isfinite(pg_catalog.lag(%1$s) over w)'
      ' then (%1$s operator(pg_catalog.-) pg_catalog.lag(%1$s) over w) operator(pg_catalog.>) %2$s else true end', l_item, l_gap);
  end if;
  return format('(%1$s operator(pg_catalog.-) pg_catalog.lag(%1$s) over w) operator(pg_catalog.>) %2$s', l_item, l_gap);
end
{% endset %}{{ source | body }}
