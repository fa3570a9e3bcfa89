{# SQL that packs typed columns of a row s: a mark, one letter a column for its type, a zero byte, and the record of all columns in
   its own memory, those of 8 bytes first and texts last, which is what the runtime decodes. Numbers go as they lie; texts in UTF-8 and, because
   the server may keep them compressed, as new ones.
   variables: settings of the function #}
create or replace function export_model.pack_columns(p_names text[], p_types regtype[], p_kinds text[])
returns text
language plpgsql stable strict
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

declare
  l_order constant text := 'dqsfiyhbnt';
  l_is_utf8 constant boolean := pg_catalog.getdatabaseencoding() = 'UTF8';
  -- Greenplum writes lengths with the highest byte first, on any machine.
  l_is_network constant boolean := get_byte(export_model.record_bytes(row(''::text)), 20) > 128;
  l_letters text := '';
  l_items text;
  l_wrong text[] := '{}';
  l_casts text[] := '{}';
  l_letter text;
begin
  for i in 1 .. cardinality(p_types) loop
    l_letter := export_model.column_letter(p_types[i], p_kinds[i]);
    if l_letter is null then
      l_wrong := l_wrong || format('column "%s" is %s, the model takes a %s', p_names[i], p_types[i], p_kinds[i]);
      -- There is no cast between boolean and double precision.
      l_casts := l_casts || format(
        case when p_kinds[i] = 'boolean' and export_model.column_letter(p_types[i], 'number') is not null then '%1$I <> 0 as %1$I'
          else '%1$I::%2$s as %1$I' end,
        p_names[i],
        case when p_kinds[i] <> 'number' then p_kinds[i]
          when export_model.column_letter(p_types[i], 'boolean') is not null then 'integer' else 'double precision' end);
    end if;
    l_letters := l_letters || coalesce(l_letter, '?');
  end loop;
  if cardinality(l_wrong) > 0 then
    raise exception '%', array_to_string(l_wrong, '; ')
      using errcode = 'datatype_mismatch', hint = format('A query can cast: select %s, ...', array_to_string(l_casts, ', '));
  end if;
  select string_agg(case
      when u.letter = 't' and l_is_utf8 then format('s.%I::pg_catalog.text operator(pg_catalog.||) %L', u.name, '')
      when u.letter = 't' then format('pg_catalog.convert_to(s.%I::pg_catalog.text, %L)', u.name, 'UTF8')
      when u.kind = 'timestamp' and u.type = 'date'::regtype then format('s.%I::pg_catalog.timestamp', u.name)
      else format('s.%I', u.name) end, ', ' order by strpos(l_order, u.letter), u.n)
    into l_items
    from (select p_names[n] as name, p_types[n] as type, p_kinds[n] as kind, substr(l_letters, n, 1) as letter, n
          from generate_series(1, cardinality(p_names)) as g (n)) u;
  return format('%L::pg_catalog.bytea operator(pg_catalog.||) export_model.record_bytes(row(%s))',
    E'\\xfeffffff'::bytea || convert_to(case when l_is_network then translate(l_letters, 'nt', 'NT') else l_letters end, 'UTF8') || E'\\x00'::bytea, l_items);
end
{% endset %}{{ source | body }}
