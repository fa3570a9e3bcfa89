{# A query that scores the rows of a source on the segments: a row for each batch, with arrays of its keys, scores and labels. With "both"
   wanted keys have their own type, else they are texts, and what is wanted is in scores; these are numbers where the result, p_type, is one real
   or double precision, else texts. Each segment scores its own rows where it can, see own_query; else rows go to batches by a hash of
   the key. Part of parts by the same hash. A batch is 4 MiB or 4,000 rows: beyond that none is faster; 1,000
   where these are too few batches for all segments.
   variables: settings of the function; guards, calls that refuse where it may not run #}
create or replace function export_model.group_query(
  p_batch text, p_wanted text, p_source jsonb, p_condition text, p_part integer, p_parts integer, p_type text)
returns text
language plpgsql volatile strict
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

declare
  l_from constant pg_catalog.text := p_source operator(pg_catalog.->>) 'from_item';
  l_packed constant pg_catalog.text := p_source operator(pg_catalog.->>) 'row_item';
  l_key constant pg_catalog.text := p_source operator(pg_catalog.->>) 'held_item';
  l_hash constant pg_catalog.text := pg_catalog.format(
    'pg_catalog.abs(pg_catalog.hashtext(pg_catalog.concat(%s))::pg_catalog.int8)', l_key);
  l_where constant pg_catalog.text := pg_catalog.format(
    '%s and pg_catalog.mod(%s, %s) operator(pg_catalog.=) %s', p_condition, l_hash, p_parts, p_part);
  l_is_both constant boolean := p_wanted operator(pg_catalog.=) 'both'::pg_catalog.text;
  l_result constant pg_catalog.regtype := p_type;
  l_given constant pg_catalog.regtype := export_model.batch_type(l_result);
  l_column constant pg_catalog.text := case l_given when 'real'::pg_catalog.regtype then 'numbers'
    when 'double precision'::pg_catalog.regtype then 'doubles' else 'texts' end;
  l_columns constant pg_catalog.text := pg_catalog.format('(a).keys, (a).%s as scores, %s as labels', l_column,
    case when l_is_both then '(a).labels' else 'null::pg_catalog.text[]' end);
  l_types constant pg_catalog.text := pg_catalog.format('keys %s[], scores %s[], labels pg_catalog.text[]',
    case when l_is_both then p_source operator(pg_catalog.->>) 'held_type' else 'pg_catalog.text' end,
    l_given);
  l_call constant pg_catalog.text := case
    when l_is_both then pg_catalog.format('export_model.score_group(%L, %s::pg_catalog.regtype,', p_batch, l_result::pg_catalog.oid)
    else pg_catalog.format('export_model.answer_batch(%L, %L, %s::pg_catalog.regtype,', p_batch, p_wanted, l_result::pg_catalog.oid) end;
  l_enough constant bigint := (select 4 operator(pg_catalog.*) pg_catalog.count(*) from pg_catalog.gp_segment_configuration c
    where c.role operator(pg_catalog.=) 'p' and c.content operator(pg_catalog.>=) 0);
  l_own pg_catalog.text;
  l_rows bigint;
  l_bytes double precision;
begin
{% for guard in guards %}
  perform {{ guard }};
{% endfor %}
  if p_condition operator(pg_catalog.=) 'true'::pg_catalog.text then  -- others read a second table
    l_own := export_model.own_query(l_call, p_source, case when p_parts operator(pg_catalog.=) 1 then 'true' else l_where end,
      l_columns, l_types);
    if l_own is not null then
      return l_own;
    end if;
  end if;
  execute pg_catalog.format('select pg_catalog.count(*) from %s s where %s', l_from, l_where) into l_rows;
  execute pg_catalog.format('select pg_catalog.avg(pg_catalog.octet_length(x.p)) from (select %s as p from %s s limit 100) x',
    l_packed, l_from) into l_bytes;
  return pg_catalog.format('select %s from (select %s pg_catalog.array_agg(%s), pg_catalog.string_agg(%s, %L)) as a'
    ' from %s s where %s group by pg_catalog.mod(%s operator(pg_catalog./) %s, %s)) x (a)',
    l_columns, l_call, l_key, l_packed, ''::pg_catalog.bytea, l_from, l_where, l_hash, p_parts,
    pg_catalog.ceil(greatest(1, l_rows operator(pg_catalog./) 4000.0::double precision,
      least(l_rows operator(pg_catalog./) 1000.0::double precision, l_enough),
      l_rows operator(pg_catalog.*) coalesce(l_bytes, 0) operator(pg_catalog./) 4194304::double precision)));
end
{% endset %}{{ source | body }}
