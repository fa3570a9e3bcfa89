{# A query that scores the rows of a source on the segments, one batch a group: key, score and label; the key as text, but in
   its own type where both are wanted. Each segment scores its own rows where it can, see own_query; else rows go to batches by a hash of
   the key, and scores are texts. Part of parts by the same hash. A batch is 4 MiB or 1,000 rows: beyond that none is faster.
   p_type is that of the score.
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
    'pg_catalog.abs(pg_catalog.hashtext(coalesce(%s::pg_catalog.text, %L))::pg_catalog.int8)', l_key, '');
  l_where constant pg_catalog.text := pg_catalog.format(
    '%s and pg_catalog.mod(%s, %s) operator(pg_catalog.=) %s', p_condition, l_hash, p_parts, p_part);
  l_own text;
  l_rows bigint;
  l_bytes double precision;
begin
{% for guard in guards %}
  perform {{ guard }};
{% endfor %}
  if p_condition operator(pg_catalog.=) 'true'::pg_catalog.text then  -- others read a second table
    l_own := export_model.own_query(p_batch, p_wanted, p_source, case when p_parts operator(pg_catalog.=) 1 then 'true' else l_where end, p_type);
    if l_own is not null then
      return l_own;
    end if;
  end if;
  execute pg_catalog.format('select pg_catalog.count(*) from %s s where %s', l_from, l_where) into l_rows;
  execute pg_catalog.format('select pg_catalog.avg(pg_catalog.octet_length(x.p)) from (select %s as p from %s s limit 100) x',
    l_packed, l_from) into l_bytes;
  return pg_catalog.format('select (g.x).key, (g.x).score, (g.x).label from (select export_model.%I(%L, %L, pg_catalog.array_agg(%s),'
    ' pg_catalog.string_agg(%s, %L)) as x from %s s where %s group by pg_catalog.mod(%s operator(pg_catalog./) %s, %s)) g',
    case when p_wanted operator(pg_catalog.=) 'both'::pg_catalog.text then 'score_group' else 'answer_group' end,
    p_batch, p_wanted, l_key, l_packed, ''::pg_catalog.bytea, l_from, l_where, l_hash, p_parts,
    pg_catalog.ceil(greatest(1, l_rows operator(pg_catalog./) 1000.0::double precision,
      l_rows operator(pg_catalog.*) coalesce(l_bytes, 0) operator(pg_catalog./) 4194304::double precision)));
end
{% endset %}{{ source | body }}
