{# Refuse a key that is NULL or stands for two rows, before anything is written. A unique index proves it without
   looking at the rows.
   variables: none #}
create or replace function export_model.check_key(p_source text, p_key text, p_from_item text)
returns void
language plpgsql stable strict
as {% set source %}

declare
  l_key record;
begin
  if exists (
      select from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
      where p_from_item not like '(%' and i.indrelid = to_regclass(p_from_item) and a.attname = p_key
        and a.attnotnull and i.indisunique and i.indisvalid and i.indimmediate and i.indpred is null
        and i.indnkeyatts = 1
        and not exists (select from pg_inherits h where h.inhparent = i.indrelid and exists (
          select from pg_class c where c.oid = i.indrelid and c.relkind = 'r'))) then
    return;
  end if;
  execute format('select s.%1$I::text as key, count(*) as rows from %2$s s group by s.%1$I'
    ' having count(*) > 1 or s.%1$I is null limit 1', p_key, p_from_item) into l_key;
  if l_key.rows is not null then
    raise exception 'column "%" is no key: % has % row(s) where it is %', p_key,
        case when p_from_item like '(%' then 'the query' else p_source end, l_key.rows, coalesce(l_key.key, 'NULL')
      using errcode = 'unique_violation', hint = 'Scores are stored by key. Name a column that tells rows apart.';
  end if;
end
{% endset %}{{ source | body }}
