{# An alias belongs to this version.
   variables: model, alias, version #}
insert into export_model.aliases (model, alias, version) values ({{ model | literal }}, {{ alias | literal }}, {{ version | literal }})
on conflict (model, alias) do update set version = excluded.version
