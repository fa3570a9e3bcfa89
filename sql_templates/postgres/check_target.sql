{# Refuse what is no table, or one whose columns are not those that scores are written to; it is left as it is.
   variables: settings of the function #}
create or replace function export_model.check_target(p_target regclass, p_columns jsonb)
returns void
language plpgsql stable strict
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

declare
  l_left constant text := 'It is left as it is; name another table, which is then made.';
  l_differs boolean;
  l_wanted text;
  l_there text;
begin
  if not exists (select from pg_class c where c.oid = p_target and c.relkind in ('r', 'p')) then
    raise exception '% is no table, and scores are written to one', p_target using errcode = 'wrong_object_type', hint = l_left;
  end if;
  with wanted as (
    select e ->> 'name' as name, e ->> 'what' as what, (e ->> 'type')::regtype::oid as type, n
    from jsonb_array_elements(p_columns) with ordinality as u (e, n)
  ), there as (
    select a.attname::text as name, a.atttypid as type, a.atttypmod as modifier, a.attnum as n from pg_attribute a
    where a.attrelid = p_target and a.attnum > 0 and not a.attisdropped
  )
  select bool_or(w.name is null or t.name is null or w.what in ('key', 'order_by', 'partition_by') and t.modifier <> -1),
      string_agg(w.name || ' ' || format_type(w.type, -1), ', ' order by w.n),
      string_agg(t.name || ' ' || format_type(t.type, t.modifier), ', ' order by t.n)
    into l_differs, l_wanted, l_there
    from wanted w full join there t on t.name = w.name and t.type = w.type;
  if l_differs then
    raise exception 'table % has other columns than scores need: (%)', p_target, l_there
      using errcode = 'datatype_mismatch', detail = format('They must be (%s).', l_wanted), hint = l_left;
  end if;
end
{% endset %}{{ source | body }}
