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
  l_letters constant text := export_model.column_letters(p_names, p_types, p_kinds);
  l_items text;
begin
  select string_agg(case
      when u.letter = 't' and l_is_utf8 then format('%s::pg_catalog.text operator(pg_catalog.||) %L', u.item, '')
      when u.letter = 't' then format('pg_catalog.convert_to(%s::pg_catalog.text, %L)', u.item, 'UTF8')
      when u.kind = 'timestamp' and u.type = 'date'::regtype then format('s.%I::pg_catalog.timestamp', u.name)
      else format('s.%I', u.name) end, ', ' order by strpos(l_order, u.letter), u.n)
    into l_items
    from (select p_names[n] as name, p_types[n] as type, p_kinds[n] as kind, substr(l_letters, n, 1) as letter, n,
            -- An enumeration as it is written: a cast to text is a function of who made it.
            case when t.typtype = 'e' then format('pg_catalog.enum_out(s.%I::%s)', p_names[n], export_model.type_name(t.oid))
              else format('s.%I', p_names[n]) end as item
          from generate_series(1, cardinality(p_names)) as g (n) join pg_type t on t.oid = export_model.held_type(p_types[n])) u;
  return format('%L::pg_catalog.bytea operator(pg_catalog.||) export_model.record_bytes(row(%s))',
    E'\\xfeffffff'::bytea || convert_to(case when l_is_network then translate(l_letters, 'nt', 'NT') else l_letters end, 'UTF8') || E'\\x00'::bytea, l_items);
end
{% endset %}{{ source | body }}
