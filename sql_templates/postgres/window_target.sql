{# The table that scores of windows are written to, p_columns as target_columns gives them: made when it is not there, refused and left as it
   is when it looks different. The name is resolved under the caller's search_path.
   variables: settings of the function; guards, calls that refuse where it may not run #}
create or replace function export_model.window_target(p_target text, p_columns jsonb)
returns regclass
language plpgsql volatile strict
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

declare
  l_target pg_catalog.regclass := pg_catalog.to_regclass(p_target);
  l_problem pg_catalog.text;
begin
{% for guard in guards %}
  perform {{ guard }};
{% endfor %}
  if l_target is null then
    perform export_model.check_name(p_target);
    for l_try in 1 .. 10 loop
      begin
        execute export_model.window_target_query(p_target, p_columns);
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
  if pg_catalog.obj_description(l_target, 'pg_class') operator(pg_catalog.=) export_model.key_mark() then
    perform export_model.make_key(l_target);
  end if;
  l_problem := export_model.window_target_problem(l_target, p_columns);
  if l_problem is not null then
    raise exception 'table % cannot hold these scores: %', l_target, l_problem
      using errcode = 'datatype_mismatch', hint = 'It is left as it is; name another table, which is then made.';
  end if;
  return l_target;
end
{% endset %}{{ source | body }}
