{# Keys that travel as texts, arrays for one, must read as they were written: refuse settings that lose something.
   variables: settings of the function #}
create or replace function export_model.check_settings(p_key text, p_type text)
returns void
language plpgsql stable strict
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

declare
  l_setting text;
begin
  select format('set %I = %L', x.name, x.wanted) into l_setting
    from (values ('DateStyle', 'ISO%', 'ISO'), ('IntervalStyle', 'postgres', 'postgres'), ('array_nulls', 'on', 'on'),
                 ('extra_float_digits', '1', '1')) as x (name, pattern, wanted)
    where case when x.name = 'extra_float_digits' then current_setting(x.name)::integer < 1
               else current_setting(x.name) not like x.pattern end
    limit 1;
  if found then
    raise exception 'column "%" is %: such keys would not be kept exactly under this setting of %', p_key, p_type,
        split_part(l_setting, ' ', 2)
      using errcode = 'invalid_parameter_value', hint = format('Run: %s', l_setting);
  end if;
end
{% endset %}{{ source | body }}
