{# SQL of what a function that packs a row s takes for one input: an array of numbers; for typed columns one of their numbers and one of
   their texts, where a boolean is 0 or 1, a date the days and a timestamp the seconds since 1970. Types are checked as for rows that
   are packed as bytes.
   variables: settings of the function #}
create or replace function export_model.pack_arguments(p_names text[], p_types regtype[], p_input jsonb)
returns text
language plpgsql stable strict
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

declare
  l_kinds text[];
begin
  if p_input ? 'kinds' then
    l_kinds := array(select k.kind from jsonb_array_elements_text(p_input -> 'kinds') with ordinality as k (kind, n) order by k.n);
    perform export_model.column_letters(p_names, p_types, l_kinds);
    return (
      select format('array[%s]::pg_catalog.float8[], array[%s]::pg_catalog.text[]',
        string_agg(case
          when export_model.column_letter(u.type, u.kind) = 'b' then format('s.%I::pg_catalog.int4::pg_catalog.float8', u.name)
          when u.kind = 'number' then format('s.%I::pg_catalog.float8', u.name)
          when u.kind = 'date' then format('(pg_catalog.date_part(%L, s.%I) operator(pg_catalog./) 86400)', 'epoch', u.name)
          else format('pg_catalog.date_part(%L, s.%I)', 'epoch', u.name) end, ', ' order by u.n) filter (where u.kind <> 'text'),
        string_agg(format('s.%I::pg_catalog.text', u.name), ', ' order by u.n) filter (where u.kind = 'text'))
      from unnest(p_names, p_types, l_kinds) with ordinality as u (name, type, kind, n));
  end if;
  perform export_model.pack_item(p_names, p_types, (p_input ->> 'is_array')::boolean, (p_input ->> 'is_text')::boolean);
  return case when (p_input ->> 'is_array')::boolean then format('s.%I::pg_catalog.float8[]', p_names[1])
    else (select format('array[%s]', string_agg(format('s.%I::pg_catalog.float8', c.name), ', ' order by c.n))
      from unnest(p_names) with ordinality as c (name, n)) end;
end
{% endset %}{{ source | body }}
