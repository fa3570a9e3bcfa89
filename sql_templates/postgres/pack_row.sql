{# SQL that packs a row s: all its inputs, one after another, or all its typed columns; or calls the function that an engine
   packs rows with. p_types are those of list_columns.
   variables: settings of the function #}
create or replace function export_model.pack_row(p_inputs jsonb, p_types regtype[])
returns text
language plpgsql stable strict
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

declare
  l_input jsonb;
  l_names text[];
  l_items text[] := '{}';
  l_first integer := 2;
begin
  for l_input in select e.input from jsonb_array_elements(p_inputs) with ordinality as e (input, n) order by e.n loop
    l_names := array(select c.name from jsonb_array_elements_text(l_input -> 'columns') with ordinality as c (name, n)
                     order by c.n);
    if p_inputs -> 0 ? 'packer' then
      l_items := l_items || export_model.pack_arguments(l_names, p_types[l_first : l_first + cardinality(l_names) - 1], l_input);
      l_first := l_first + cardinality(l_names);
      continue;
    end if;
    if l_input ? 'kinds' then
      return export_model.pack_columns(l_names, p_types[2:],
        array(select k.kind from jsonb_array_elements_text(l_input -> 'kinds') with ordinality as k (kind, n) order by k.n));
    end if;
    l_items := l_items || export_model.pack_item(l_names, p_types[l_first : l_first + cardinality(l_names) - 1],
      (l_input ->> 'is_array')::boolean, (l_input ->> 'is_text')::boolean);
    l_first := l_first + cardinality(l_names);
  end loop;
  if p_inputs -> 0 ? 'packer' then
    return format('%s(%s)', p_inputs -> 0 ->> 'packer', array_to_string(l_items, ', '));
  end if;
  return format('coalesce(%s, %L::pg_catalog.bytea)', array_to_string(l_items, ' operator(pg_catalog.||) '), E'\\xffffffff');
end
{% endset %}{{ source | body }}
