{# Look at a table, view or query that is to be scored: how its rows are packed, and whether they can be read by
   ranges of blocks, which needs PostgreSQL 14 and tables of the ordinary kind. It runs with the caller's rights.
   inputs: [{"name", "columns", "is_text", "is_array"}], what the model takes.
   variables: none #}
create or replace function export_model.source(
  p_source text, p_key text, p_inputs jsonb,
  out from_item text, out key_item text, out key_type text, out row_item text, out blocks bigint)
language plpgsql stable strict
as {% set source %}

declare
  l_table regclass;
  l_columns text[] := array[p_key];
  l_types regtype[];
  l_missing text[] := '{}';
  l_column text;
  l_input jsonb;
  l_names text[];
  l_item text;
  l_items text[] := '{}';
  l_first integer := 2;
begin
  if p_source ~* '^\s*(select|with|values|table)\M' then
    from_item := '(' || p_source || E'\n)';
  else
    l_table := to_regclass(p_source);
    from_item := l_table::text;
  end if;
  if from_item is null then
    raise exception 'there is no table "%"', p_source
      using errcode = 'undefined_table', hint = 'Name a table or view that you may read, with its schema'
        ' when that is not in the search_path, or give a query.';
  end if;
  for l_input in select v from jsonb_array_elements(p_inputs) v loop
    l_columns := l_columns || array(select jsonb_array_elements_text(l_input -> 'columns'));
  end loop;
  begin
    execute export_model.ask_types(from_item, l_columns) into l_types;
  exception when undefined_column then
    foreach l_column in array l_columns loop
      begin
        execute export_model.ask_types(from_item, array[l_column]) into l_types;
      exception when undefined_column then
        l_missing := l_missing || l_column;
      end;
    end loop;
    raise exception '% has no column %', case when l_table is null then 'the query' else p_source end,
        array_to_string(l_missing, ', ')
      using errcode = 'undefined_column',
        hint = 'Names are taken as they are written, without folding to lower case; a query can rename columns: select a as b, ...';
  end;
  key_item := format('s.%I', p_key);
  key_type := l_types[1];
  for l_input in select v from jsonb_array_elements(p_inputs) v loop
    l_names := array(select jsonb_array_elements_text(l_input -> 'columns'));
    l_item := export_model.pack_item(l_names, l_types[l_first : l_first + cardinality(l_names) - 1],
      (l_input ->> 'is_array')::boolean, (l_input ->> 'is_text')::boolean);
    l_items := l_items || l_item;
    l_first := l_first + cardinality(l_names);
  end loop;
  row_item := format('coalesce(%s, %L::bytea)', array_to_string(l_items, ' || '), '\xffffffff');
  blocks := export_model.count_blocks(l_table);
end
{% endset %}{{ source | body }}
