{# Refuse keys that are too long for the primary key of a table of scores, in which the version stands beside them. A third of a page is what an
   index takes; how far it could press a longer key together would be known when it is written.
   variables: settings of the function; guards, calls that refuse where it may not run #}
create or replace function export_model.check_key_length(p_key text, p_type text, p_from_item text)
returns void
language plpgsql stable strict
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

declare
  l_key pg_catalog.text;
  l_bytes integer;
begin
{% for guard in guards %}
  perform {{ guard }};
{% endfor %}
  if (select t.typlen operator(pg_catalog.>) 0 from pg_catalog.pg_type t where t.oid operator(pg_catalog.=) p_type::pg_catalog.regtype) then
    return;
  end if;
  -- An array holds values as they are, where a key that lies compressed would look shorter. 28 bytes of it are its own.
  execute pg_catalog.format('select pg_catalog.concat(s.%1$I), pg_catalog.pg_column_size(array[s.%1$I]) operator(pg_catalog.-) 28 from %2$s s'
    ' where pg_catalog.pg_column_size(array[s.%1$I]) operator(pg_catalog.-) 28 operator(pg_catalog.>) %3$s limit 1',
    p_key, p_from_item, export_model.longest_key()) into l_key, l_bytes;
  if l_key is not null then
    perform export_model.refuse_key_length(p_key, l_key, l_bytes);
  end if;
end
{% endset %}{{ source | body }}
