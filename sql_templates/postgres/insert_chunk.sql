{# One piece of the weights.
   variables: version; chunk, its number, sha256 and data #}
insert into export_model.chunks (version, chunk, bytes, sha256, data)
select {{ version | literal }}, {{ chunk.number | number }}, {{ chunk.size | number }}, {{ chunk.sha256 | literal }},
  {{ chunk.data | binary }}
where not exists (select from export_model.chunks
                  where version = {{ version | literal }} and chunk = {{ chunk.number | number }})
