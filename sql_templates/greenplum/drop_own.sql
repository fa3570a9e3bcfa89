{# Remove what own_query, session_query and keep_batches made in this session.
   variables: settings of the function; guards, calls that refuse where it may not run #}
create or replace function export_model.drop_own()
returns void
language plpgsql volatile
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

declare
  l_made pg_catalog.text;
begin
{% for guard in guards %}
  perform {{ guard }};
{% endfor %}
  foreach l_made in array array['batches()', 'scores(boolean)', 'rows()'] loop
    l_made := 'pg_temp.export_model_' operator(pg_catalog.||) l_made;
    if pg_catalog.to_regprocedure(l_made) is not null then
      execute 'drop function ' operator(pg_catalog.||) l_made;
    end if;
  end loop;
  if pg_catalog.to_regclass('pg_temp.export_model_batches') is not null then
    execute 'drop table pg_temp.export_model_batches';
  end if;
end
{% endset %}{{ source | body }}
