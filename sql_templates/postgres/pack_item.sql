{# SQL that packs one input of a row, in the narrowest type that holds all its columns: real, numeric
   (sending it as it is costs a third of casting it) or double precision. Not numeric on segments: in an array it lies in Greenplum's memory
   with its length the other way round, so that its bytes cannot be read as PostgreSQL's are.
   variables: settings of the function; has_segments #}
create or replace function export_model.pack_item(p_names text[], p_types regtype[], p_is_array boolean, p_is_text boolean)
returns text
language plpgsql stable strict
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

declare
  l_numbers constant regtype[] := '{smallint,integer,bigint,real,double precision,numeric}';
  l_type regtype;
  l_types regtype[] := '{}';
  l_wanted text := case when p_is_text then 'text' else 'numbers' end || case when p_is_array then ', as an array' else '' end;
  l_items text;
begin
  for i in 1 .. cardinality(p_types) loop
    select case when t.typtype = 'd' then t.typbasetype else t.oid end into l_type
      from pg_type t where t.oid = p_types[i];
    if p_is_array then
      select t.typelem into l_type from pg_type t where t.oid = l_type and t.typcategory = 'A';
    end if;
    if l_type is null or not p_is_text and l_type <> all (l_numbers)
        or p_is_text and not exists (select from pg_type t where t.oid = l_type and t.typcategory = 'S') then
      raise exception 'column "%" is %, the model takes %', p_names[i], p_types[i], l_wanted
        using errcode = 'datatype_mismatch', hint = format('A query can cast it: select %1$I::%2$s as %1$I, ...', p_names[i],
          case when p_is_text then 'text' when l_type = 'boolean'::regtype then 'integer' else 'real' end || case when p_is_array then '[]' else '' end);
    end if;
    l_types := l_types || l_type;
  end loop;
  if p_is_array and p_is_text then
    return format('pg_catalog.convert_to(pg_catalog.array_to_json(s.%I::pg_catalog.text[])::pg_catalog.text, %L)'
      ' operator(pg_catalog.||) %L::pg_catalog.bytea', p_names[1], 'UTF8', E'\\x00');
{% if has_segments %}
  elsif p_is_array and l_type = 'numeric'::regtype then
    return format('export_model.array_bytes(s.%I::pg_catalog.float8[])', p_names[1]);
{% endif %}
  elsif p_is_array then
    return format('export_model.array_bytes(s.%I)', p_names[1]);
  end if;
  l_type := case when p_is_text then 'text'::regtype
    when l_types <@ '{smallint,real}' then 'real'
{% if not has_segments %}
    when 'numeric'::regtype = any (l_types) and l_types <@ '{smallint,integer,bigint,numeric}' then 'numeric'
{% endif %}
    else 'double precision' end;
  select string_agg(format('s.%I::pg_catalog.%I', c, (select t.typname from pg_type t where t.oid = l_type)), ', ' order by n)
    into l_items from unnest(p_names) with ordinality as u (c, n);
  if p_is_text then
    return format('pg_catalog.convert_to(pg_catalog.array_to_json(array[%s])::pg_catalog.text, %L)'
      ' operator(pg_catalog.||) %L::pg_catalog.bytea', l_items, 'UTF8', E'\\x00');
  end if;
  return format('export_model.array_bytes(array[%s])', l_items);
end
{% endset %}{{ source | body }}
