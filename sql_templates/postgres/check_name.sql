{# Refuse a name that PostgreSQL would cut.
   variables: settings of the function #}
create or replace function export_model.check_name(p_name text)
returns void
language plpgsql stable strict
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

declare
  l_most constant integer := current_setting('max_identifier_length');
  l_part text;
begin
  foreach l_part in array parse_ident(p_name) loop
    if octet_length(l_part) > l_most then
      raise exception 'the name "%" has % bytes, PostgreSQL takes %', l_part, octet_length(l_part), l_most
        using errcode = 'name_too_long', hint = 'Choose a shorter one.';
    end if;
  end loop;
end
{% endset %}{{ source | body }}
