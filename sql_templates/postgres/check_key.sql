{# Refuse a key that is NULL or stands for two rows, before anything is written.
   variables: settings of the function; guards, calls that refuse where it may not run #}
create or replace function export_model.check_key(p_source text, p_key text, p_from_item text)
returns void
language plpgsql stable strict
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

declare
  l_is_query constant boolean := pg_catalog.starts_with(p_from_item, '(');
  l_rows bigint;
  l_key pg_catalog.text;
begin
{% for guard in guards %}
  perform {{ guard }};
{% endfor %}
  if not l_is_query and export_model.has_key(pg_catalog.to_regclass(p_from_item), p_key) then
    return;
  end if;
  execute pg_catalog.format(
    'select pg_catalog.count(*), s.%1$I::pg_catalog.text from %2$s s group by s.%1$I'
    ' having pg_catalog.count(*) operator(pg_catalog.>) 1 or s.%1$I is null limit 1', p_key, p_from_item)
    into l_rows, l_key;
  if l_rows is not null then
    raise exception 'column "%" is no key: % has % % where it is %', p_key,
        case when l_is_query then 'the query' else p_source end, l_rows, case when l_rows operator(pg_catalog.=) 1 then 'row' else 'rows' end, coalesce(l_key, 'NULL')
      using errcode = 'unique_violation', hint = 'Scores are stored by key. Name a column that tells rows apart.';
  end if;
end
{% endset %}{{ source | body }}
