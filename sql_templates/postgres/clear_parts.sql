{# Remove weights, tensors and samples of this version that are not what they were; those that follow put them back. Its row is there
   by now: without it, who deploys sees none of them.
   Others may have written rows under this digest, while they had a version of that name: nothing that is there is taken on its own word.
   variables: version; chunks, the sha256 of each; is_altered, SQL that looks at a chunk #}
do {% set source %}

declare
  l_version constant text := {{ version | literal }};
  l_chunks constant text[] := {{ chunks | texts }};
begin
  delete from export_model.chunks where version = l_version
    and (sha256 is distinct from l_chunks[chunk + 1] or octet_length(data) <> bytes or {{ is_altered }});
  delete from export_model.tensors where version = l_version;
  delete from export_model.samples where version = l_version;
end
{% endset %}{{ source | body }}
