{# Score the rows of some blocks of a table and write them, in one transaction and in batches of bounded size. Returns
   how many were written.
   variables: none #}
create or replace function export_model.score_blocks(p_job jsonb, p_first bigint, p_end bigint)
returns bigint
language plpgsql volatile strict
as {% set source %}

declare
  l_gather text := format('select array_agg(%s::text), string_agg(%s, %L) from %s s where s.ctid >= $1 and s.ctid < $2 and %s',
    p_job ->> 'key_item', p_job ->> 'row_item', '', p_job ->> 'from_item', p_job ->> 'condition');
  l_keys text[];
  l_rows bytea;
  l_first bigint := p_first;
  l_last bigint;
  l_step bigint := 1;
  l_count bigint := 0;
begin
  while l_first < p_end loop
    l_last := least(l_first + l_step, p_end);
    execute l_gather into l_keys, l_rows using format('(%s,0)', l_first)::tid, format('(%s,0)', l_last)::tid;
    l_count := l_count + coalesce(export_model.store_scores(p_job, l_keys, l_rows), 0);
    l_first := l_last;
    l_step := export_model.choose_blocks(l_step, coalesce(cardinality(l_keys), 0), coalesce(octet_length(l_rows), 0));
  end loop;
  return l_count;
end
{% endset %}{{ source | body }}
