{# Look at a table, view or query that is to be scored: how its rows are packed, and whether they can be read by
   ranges of blocks. It resolves names as its caller does, under his search_path, so all that is not his is
   qualified. p_inputs: [{"columns", "is_array", "is_text"}], what the model takes, or [{"columns", "kinds"}] when these
   are typed columns; of_windows, where what it takes is a window of rows. key_type is the key's, held_type the one in
   which keys travel, held_item the key in that.
   variables: settings of the function; guards, calls that refuse where it may not run #}
create or replace function export_model.source(
  p_source text, p_key text, p_inputs jsonb,
  out from_item text, out key_item text, out key_type text, out held_item text, out held_type text, out row_item text,
  out blocks bigint)
language plpgsql stable strict
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

declare
  l_table pg_catalog.regclass;
  l_columns constant pg_catalog.text[] := export_model.list_columns(p_key, p_inputs);
  l_types pg_catalog.regtype[];
  l_held pg_catalog.regtype;
  l_base pg_catalog.regtype;
  l_below pg_catalog.regtype;
  l_missing pg_catalog.text[] := '{}';
begin
{% for guard in guards %}
  perform {{ guard }};
{% endfor %}
  from_item := export_model.query_item(p_source);
  if from_item is null then
    l_table := pg_catalog.to_regclass(p_source);
    if l_table is null then
      raise exception 'there is no table "%"', p_source
        using errcode = 'undefined_table', hint = 'Name a table or view that you may read, with its schema'
          ' when that is not in the search_path, or give a query.';
    end if;
    from_item := export_model.full_name(l_table);
  end if;
  begin
    execute export_model.ask_types(from_item, l_columns) into l_types;
  exception
    when undefined_column then
      if l_table is null then
        begin
          execute pg_catalog.format('select from %s s limit 0', from_item);
        exception when undefined_column then
          raise exception 'the query cannot be read: %', sqlerrm
            using errcode = 'undefined_column', hint = 'Give one query, as it would run by itself.';
        end;
      end if;
      for i in 1 .. pg_catalog.cardinality(l_columns) loop
        begin
          execute export_model.ask_types(from_item, array[l_columns[i]]) into l_types;
        exception when undefined_column then
          l_missing := pg_catalog.array_append(l_missing, l_columns[i]);
        end;
      end loop;
      raise exception '% has no % %', case when l_table is null then 'the query' else p_source end,
          case when pg_catalog.cardinality(l_missing) operator(pg_catalog.=) 1 then 'column' else 'columns' end, pg_catalog.array_to_string(l_missing, ', ')
        using errcode = 'undefined_column', hint = case when (p_inputs operator(pg_catalog.->) 0) operator(pg_catalog.?) 'of_windows'
          then 'The model takes windows of rows: score_windows, label_windows and score_windows_into make them of the rows of a table.'
          else 'Names are taken as they are written, without folding to lower case; a query can rename columns: select a as b, ...' end;
    when syntax_error then
      raise exception 'the query cannot be read: %', sqlerrm
        using errcode = 'syntax_error', hint = 'Give one query, as it would run by itself.';
  end;
  l_held := export_model.held_type(l_types[1]);
  l_base := l_types[1];
  loop  -- a target has the type below a domain, whose checks, somebody's functions, are not run again
    select t.typbasetype into l_below from pg_catalog.pg_type t where t.oid operator(pg_catalog.=) l_base and t.typtype operator(pg_catalog.=) 'd'::pg_catalog."char";
    exit when not found;
    l_base := l_below;
  end loop;
  key_item := pg_catalog.format('s.%I', p_key);
  key_type := export_model.type_name(l_base);
  held_type := export_model.type_name(l_held);
  held_item := case when l_held operator(pg_catalog.=) l_types[1] then key_item
    else pg_catalog.format('%s::%s', key_item, held_type) end;
  if l_held operator(pg_catalog.=) 'pg_catalog.text'::pg_catalog.regtype and held_item operator(pg_catalog.<>) key_item then
    perform export_model.check_settings(p_key, key_type);
  end if;
  row_item := export_model.pack_row(p_inputs, l_types);
  if l_table is not null then
    blocks := export_model.count_blocks(l_table);
  end if;
end
{% endset %}{{ source | body }}
