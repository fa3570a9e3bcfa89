{# Remember who may score, for functions that are made later.
   variables: model; grantees, names of roles #}
insert into export_model.grants (model, grantee)
select {{ model | literal }}, g.name from unnest({{ grantees | texts }}) g (name)
where not exists (select from export_model.grants x where x.model = {{ model | literal }} and x.grantee = g.name)
