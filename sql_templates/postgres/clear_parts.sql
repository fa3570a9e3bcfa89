{# Remove weights, tensors and samples of this version that are not what they were; those that follow put them back. Its row is there
   by now: without it, who deploys sees none of them.
   variables: version; chunks and tensors, how many; is_altered, SQL that looks at a chunk #}
do {% set source %}

declare
  l_version constant text := {{ version | literal }};
begin
  delete from export_model.chunks where version = l_version
    and (chunk >= {{ chunks | number }} or octet_length(data) <> bytes or {{ is_altered }});
  if (select count(*) from export_model.tensors where version = l_version) <> {{ tensors | number }} then
    delete from export_model.tensors where version = l_version;
  end if;
  delete from export_model.samples where version = l_version;
end
{% endset %}{{ source | body }}
