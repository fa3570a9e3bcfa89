{# Remove the row of this version where it is not what it was; the next statement puts it back.
   variables: version, model, runtime, engine, plan_md5; chunks, how many #}
do {% set source %}

declare
  l_version constant text := {{ version | literal }};
begin
  delete from export_model.versions where version = l_version
    and (model <> {{ model | literal }} or chunks <> {{ chunks | number }} or md5(plan) <> {{ plan_md5 | literal }});
  update export_model.versions set runtime = {{ runtime | literal }}, engine = {{ engine | literal }}
    where version = l_version and runtime <> {{ runtime | literal }};
end
{% endset %}{{ source | body }}
