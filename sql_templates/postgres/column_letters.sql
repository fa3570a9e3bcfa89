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
  l_units text[] := '{}';
  l_change text;
  l_unit text;
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
      l_change := case when l_is_array and p_kinds[i] = 'text' then 'other' else coalesce(l_held, 'other') end || ' as ' || p_kinds[i];
      -- What a number counts is not known here: see ask_unit, which says the same of a table.
      l_unit := case
        when l_change in ('date as number', 'timestamp as number') then '%1$s to the number that the model was trained on: days since 1970 are'
          ' extract(epoch from %1$s) / 86400, seconds extract(epoch from %1$s), microseconds, as datetime64[us] of pandas holds them,'
          ' extract(epoch from %1$s) * 1e6, nanoseconds, as datetime64[ns] does, extract(epoch from %1$s) * 1e9'
        when l_change = 'number as date' then '%1$s to a date by what it counts: days since 1970 are date ''1970-01-01'' + %1$s::integer,'
          ' seconds (to_timestamp(%1$s) at time zone ''UTC'')::date'
        when l_change = 'number as timestamp' then '%1$s to a timestamp by what it counts: seconds since 1970 are'
          ' to_timestamp(%1$s) at time zone ''UTC'', milliseconds to_timestamp(%1$s / 1000.0) at time zone ''UTC'''
        end;
      if l_unit is not null then
        l_units := l_units || format('A query can cast ' || l_unit || '.', l_item);
      else
        -- PostgreSQL has no casts between most of these; see cast_column, which says the same of a table.
        l_casts := l_casts || (case l_change
          when p_kinds[i] || ' as ' || p_kinds[i] then l_item
          when 'number as boolean' then l_item || ' <> 0'
          when 'boolean as number' then l_item || '::integer'
          when 'timestamp as date' then l_item || '::date'
          when 'boolean as date' then 'null::date'
          when 'boolean as timestamp' then 'null::timestamp'
          when 'date as boolean' then 'null::boolean'
          when 'timestamp as boolean' then 'null::boolean'
          else l_item || case when p_kinds[i] = 'text' then '::text'
            else '::text::' || case p_kinds[i] when 'number' then 'double precision' else p_kinds[i] end end
        end || format(' as %I', p_names[i]));
      end if;
    end if;
    l_letters := l_letters || coalesce(l_letter, '?');
  end loop;
  if cardinality(l_wrong) > 0 then
    raise exception '%', array_to_string(l_wrong, '; ')
      using errcode = 'datatype_mismatch', hint = array_to_string(case when cardinality(l_casts) > 0
        then format('A query can cast: select %s, ...', array_to_string(l_casts, ', ')) end || l_units, ' ');
  end if;
  return l_letters;
end
{% endset %}{{ source | body }}
