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
  return l_letters;
end
{% endset %}{{ source | body }}
