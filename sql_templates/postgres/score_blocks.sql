{# Score the rows of some blocks of a table and write them, in one transaction and in batches of bounded size. Returns
   how many were written. step is how many blocks make a batch: 1 at first, then what the call before gave back.
   variables: none #}
create or replace function export_model.score_blocks(
  p_job jsonb, p_first bigint, p_end bigint, inout step bigint, out written bigint)
language plpgsql volatile strict
as {% set source %}

declare
  l_gather text := format('select array_agg(%s::text), string_agg(%s, %L) from %s s where s.ctid >= $1 and s.ctid < $2 and %s',
    p_job ->> 'key_item', p_job ->> 'row_item', '', p_job ->> 'from_item', p_job ->> 'condition');
  l_keys text[];
  l_rows bytea;
  l_first bigint := p_first;
  l_last bigint;
begin
  written := 0;
  while l_first < p_end loop
    l_last := least(l_first + step, p_end);
    execute l_gather into l_keys, l_rows using format('(%s,0)', l_first)::tid, format('(%s,0)', l_last)::tid;
    written := written + coalesce(export_model.store_scores(p_job, l_keys, l_rows), 0);
    step := export_model.choose_blocks(l_last - l_first, coalesce(cardinality(l_keys), 0), coalesce(octet_length(l_rows), 0));
    l_first := l_last;
  end loop;
end
{% endset %}{{ source | body }}
