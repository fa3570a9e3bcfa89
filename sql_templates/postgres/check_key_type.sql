{# Refuse a key of a type that no primary key can have.
   variables: settings of the function; guards, calls that refuse where it may not run #}
create or replace function export_model.check_key_type(p_key text, p_type text)
returns void
language plpgsql stable strict
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

begin
{% for guard in guards %}
  perform {{ guard }};
{% endfor %}
  if exists (select from pg_type t where t.oid = p_type::regtype and t.typtype = 'p') then
    raise undefined_function;
  end if;
  execute format('select null::%s order by 1', p_type);
exception when undefined_function then
  raise exception 'column "%" is %, which cannot be a key: its values have no order', p_key, p_type
    using errcode = 'datatype_mismatch', hint = format('A query can cast it: select %1$I::text as %1$I, ...', p_key);
end
{% endset %}{{ source | body }}
