{# What reads whole tables needs to know of the version that a model's user names: "champion", or an alias. p_result is a NULL of the type that
   the champion gives, of a truth value where any will do.
   variables: settings of the function; guards, calls that refuse where it may not run #}
create or replace function export_model.scorer_of(p_model text, p_version text, p_wanted text, p_result anyelement)
returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

declare
  l_scorer jsonb;
  l_type text;
begin
{% for guard in guards %}
  perform {{ guard }};
{% endfor %}
  if p_version is null then
    raise exception 'version must not be NULL' using errcode = 'null_value_not_allowed',
      hint = 'Name an alias, or champion.';
  end if;
  if not exists (select from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = p_model and p.pronargs = 0
      and p.proname = case p_version when 'champion' then 'scorer' else 'scorer_' || p_version end) then
    raise exception 'model "%" has no alias "%"', p_model, p_version using errcode = 'undefined_object', hint = coalesce('There are: ' || (
      select string_agg(case p.proname when 'scorer' then 'champion' else substr(p.proname, 8) end, ', ' order by p.proname)
      from pg_proc p join pg_namespace n on n.oid = p.pronamespace
      where n.nspname = p_model and p.pronargs = 0 and p.proname ~ '^scorer(_|$)') || '.', 'No model of that name is here.');
  end if;
  if p_version = 'champion' then
    execute format('select %I.scorer()', p_model) into l_scorer;
    return l_scorer;
  end if;
  execute format('select %I.%I()', p_model, 'scorer_' || p_version) into l_scorer;
  select format_type(p.proallargtypes[4], -1) into l_type from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = p_model and p.proname = p_wanted || '_table_' || p_version and p.pronargs = 2;
  if not found then
    raise exception 'version "%" of model "%" gives no %', p_version, p_model, p_wanted using errcode = 'feature_not_supported';
  end if;
  if pg_typeof(p_result) not in ('boolean'::regtype, l_type::regtype) then
    raise exception 'version "%" of model "%" gives %, and the champion %', p_version, p_model, l_type, pg_typeof(p_result)
      using errcode = 'datatype_mismatch', hint = format('Call %I.%I(source, key_column).', p_model, p_wanted || '_table_' || p_version);
  end if;
  return l_scorer;
end
{% endset %}{{ source | body }}
