{# The columns of a table of scores: its names, what each holds and of which type. p_columns are NAME, or NAME=WHAT where the name is
   another; NULL is as score_into has them. p_job holds the types of key and score, and of windows those of order and series.
   variables: settings of the function #}
create or replace function export_model.target_columns(p_columns text[], p_job jsonb)
returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

declare
  l_columns constant text[] := coalesce(p_columns, '{key,score,label,model_version,scored_at}');
  l_known constant jsonb := jsonb_strip_nulls(jsonb_build_object('key', p_job ->> 'key_type', 'score', p_job ->> 'score_type',
    'label', 'pg_catalog.text', 'model_version', 'pg_catalog.text', 'scored_at', 'pg_catalog.timestamptz', 'model_name', 'pg_catalog.text',
    'order_by', p_job ->> 'order_type', 'partition_by', p_job ->> 'partition_type'));
  l_result jsonb := '[]';
  l_column text;
  l_name text;
  l_what text;
begin
  foreach l_column in array l_columns loop
    l_name := split_part(l_column, '=', 1);
    l_what := substr(l_column, strpos(l_column, '=') + 1);
    if not coalesce(l_known ? l_what, false) or l_name = '' then
      raise exception 'column "%" holds nothing that is known', l_column
        using errcode = 'invalid_parameter_value', hint = format('Give NAME or NAME=WHAT, where WHAT is one of: %s.',
          (select string_agg(k, ', ' order by k) from jsonb_object_keys(l_known) as u (k)));
    end if;
    l_result := l_result || jsonb_build_object('name', l_name, 'what', l_what, 'type', l_known ->> l_what);
  end loop;
  if (select count(distinct e ->> 'name') <> count(*) or count(distinct e ->> 'what') <> count(*)
        or count(*) filter (where e ->> 'what' in ('key', 'model_version')) <> 2
        or count(*) filter (where e ->> 'what' in ('score', 'label')) = 0
      from jsonb_array_elements(l_result) as u (e)) then
    raise exception 'the columns of a target are key, model_version, and score or label at least, each once: %', l_columns
      using errcode = 'invalid_parameter_value', hint = 'By key and version a run knows what is there.';
  end if;
  return l_result;
end
{% endset %}{{ source | body }}
