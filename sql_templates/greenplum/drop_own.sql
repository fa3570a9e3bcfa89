{# Remove what own_query made in this session.
   variables: settings of the function; guards, calls that refuse where it may not run #}
create or replace function export_model.drop_own()
returns void
language plpgsql volatile
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

begin
{% for guard in guards %}
  perform {{ guard }};
{% endfor %}
  if pg_catalog.to_regprocedure('pg_temp.export_model_scores(boolean)') is not null then
    execute 'drop function pg_temp.export_model_scores(boolean)';
  end if;
  if pg_catalog.to_regprocedure('pg_temp.export_model_rows()') is not null then
    execute 'drop function pg_temp.export_model_rows()';
  end if;
end
{% endset %}{{ source | body }}
