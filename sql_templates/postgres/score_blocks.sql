{# Score the rows of some blocks of a table and write them, in one transaction and in batches of bounded size. Returns
   how many were written. step is how many blocks make a batch: 1 at first, then what the call before gave back.
   variables: none #}
create or replace function export_model.score_blocks(
  p_job jsonb, p_first bigint, p_end bigint, inout step bigint, out written bigint)
language plpgsql volatile strict
set search_path = pg_catalog, pg_temp
as {% set source %}

declare
  l_store constant text := format(
    'select w.written, cardinality(g.keys), octet_length(g.rows) from (%s) g,'
    ' lateral export_model.store_scores($3, g.keys, g.rows) as w (written)',
    export_model.gather_query(
      p_job ->> 'from_item', p_job ->> 'held_item', p_job ->> 'row_item', p_job ->> 'condition'));
  l_first bigint := p_first;
  l_last bigint;
  l_written bigint;
  l_rows bigint;
  l_bytes bigint;
begin
  written := 0;
  while l_first < p_end loop
    l_last := least(l_first + step, p_end);
    execute l_store into l_written, l_rows, l_bytes using l_first, l_last, p_job;
    written := written + coalesce(l_written, 0);
    step := export_model.choose_blocks(l_last - l_first, l_rows, l_bytes);
    l_first := l_last;
  end loop;
end
{% endset %}{{ source | body }}
