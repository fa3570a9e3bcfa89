{# Remove rows of this version that are not what they were; those that follow put them back.
   variables: version, model, runtime, engine, plan_md5; chunks and tensors, how many; is_altered, SQL that looks at a chunk #}
do {% set source %}

declare
  l_version constant text := {{ version | literal }};
begin
  delete from export_model.versions where version = l_version
    and (model <> {{ model | literal }} or chunks <> {{ chunks | number }} or md5(plan) <> {{ plan_md5 | literal }});
  update export_model.versions set runtime = {{ runtime | literal }}, engine = {{ engine | literal }}
    where version = l_version and runtime <> {{ runtime | literal }};
  delete from export_model.chunks where version = l_version
    and (chunk >= {{ chunks | number }} or octet_length(data) <> bytes or {{ is_altered }});
  if (select count(*) from export_model.tensors where version = l_version) <> {{ tensors | number }} then
    delete from export_model.tensors where version = l_version;
  end if;
  delete from export_model.samples where version = l_version;
end
{% endset %}{{ source | body }}
