{# How each typed column lies in a record, one letter a column; an error, with all columns of other types than the model takes.
   variables: settings of the function #}
create or replace function export_model.column_letters(p_names text[], p_types regtype[], p_kinds text[])
returns text
language plpgsql stable strict
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

declare
  l_letters text := '';
  l_wrong text[] := '{}';
  l_casts text[] := '{}';
  l_letter text;
  l_type regtype;
  l_held text;
  l_item text;
  l_is_array boolean;
begin
  for i in 1 .. cardinality(p_types) loop
    l_letter := export_model.column_letter(p_types[i], p_kinds[i]);
    if l_letter is null then
      l_wrong := l_wrong || format('column "%s" is %s, the model takes a %s', p_names[i], p_types[i], p_kinds[i]);
      select t.typcategory = 'A', case when t.typcategory = 'A' then t.typelem else t.oid end
        into l_is_array, l_type from pg_type t where t.oid = p_types[i];
      select k.kind into l_held from unnest('{boolean,number,date,timestamp,text}'::text[]) with ordinality as k (kind, n)
        where export_model.column_letter(l_type, k.kind) is not null order by k.n limit 1;
      l_item := format('%I', p_names[i]) || case when l_is_array and p_kinds[i] <> 'text' then '[1]' else '' end;
      -- PostgreSQL has no casts between most of these; see cast_column, which says the same of a table.
      l_casts := l_casts || (case case when l_is_array and p_kinds[i] = 'text' then 'other' else coalesce(l_held, 'other') end || ' as ' || p_kinds[i]
        when p_kinds[i] || ' as ' || p_kinds[i] then l_item
        when 'number as boolean' then l_item || ' <> 0'
        when 'number as date' then 'date ''1970-01-01'' + ' || l_item || '::integer'
        when 'number as timestamp' then 'to_timestamp(' || l_item || ') at time zone ''UTC'''
        when 'boolean as number' then l_item || '::integer'
        when 'date as number' then l_item || ' - date ''1970-01-01'''
        when 'timestamp as number' then 'extract(epoch from ' || l_item || ')'
        when 'timestamp as date' then l_item || '::date'
        when 'boolean as date' then 'null::date'
        when 'boolean as timestamp' then 'null::timestamp'
        when 'date as boolean' then 'null::boolean'
        when 'timestamp as boolean' then 'null::boolean'
        else l_item || case when p_kinds[i] = 'text' then '::text'
          else '::text::' || case p_kinds[i] when 'number' then 'double precision' else p_kinds[i] end end
      end || format(' as %I', p_names[i]));
    end if;
    l_letters := l_letters || coalesce(l_letter, '?');
  end loop;
  if cardinality(l_wrong) > 0 then
    raise exception '%', array_to_string(l_wrong, '; ')
      using errcode = 'datatype_mismatch', hint = format('A query can cast: select %s, ...', array_to_string(l_casts, ', '));
  end if;
  return l_letters;
end
{% endset %}{{ source | body }}
