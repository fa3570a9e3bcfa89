{# The table that scores are written to, p_columns as target_columns gives them: made when it is not there, refused and left as it is when it looks
   different. The name is resolved under the caller's search_path.
   variables: settings of the function; guards, calls that refuse where it may not run #}
create or replace function export_model.prepare_target(p_target text, p_columns jsonb)
returns regclass
language plpgsql volatile strict
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

declare
  l_target pg_catalog.regclass := pg_catalog.to_regclass(p_target);
begin
{% for guard in guards %}
  perform {{ guard }};
{% endfor %}
  if l_target is null then
    perform export_model.check_name(p_target);
    for l_try in 1 .. 10 loop
      begin
        execute export_model.target_query(p_target, p_columns);
        exit;
      exception when duplicate_table or duplicate_object or unique_violation then
        -- Other runs are making one: then it is seen, and left as it is.
        if l_try operator(pg_catalog.=) 10 then
          raise;
        end if;
      end;
    end loop;
    l_target := pg_catalog.to_regclass(p_target);
  end if;
  perform export_model.check_target(l_target, p_columns), export_model.require_key(l_target, p_columns);
  return l_target;
end
{% endset %}{{ source | body }}
