{# Score the rows of some blocks of a table and write them, in one transaction and in batches of bounded size. Returns
   how many were written. step is how many blocks make a batch: 1 at first, then what the call before gave back.
   variables: none #}
create or replace function export_model.score_blocks(
  p_job jsonb, p_first bigint, p_end bigint, inout step bigint, out written bigint)
language plpgsql volatile strict
set search_path = pg_catalog, pg_temp
as {% set source %}

declare
  l_gather constant text := export_model.gather_query(
    p_job ->> 'from_item', p_job ->> 'key_item', p_job ->> 'row_item', p_job ->> 'condition');
  l_keys text[];
  l_rows bytea;
  l_first bigint := p_first;
  l_last bigint;
begin
  written := 0;
  while l_first < p_end loop
    l_last := least(l_first + step, p_end);
    execute l_gather into l_keys, l_rows using l_first, l_last;
    written := written + coalesce(export_model.store_scores(p_job, l_keys, l_rows), 0);
    step := export_model.choose_blocks(l_last - l_first, l_keys, l_rows);
    l_first := l_last;
  end loop;
end
{% endset %}{{ source | body }}
