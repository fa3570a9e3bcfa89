{# A model belongs to whom its schema does: a dump may have been restored under another role, or a role renamed.
   variables: model #}
update export_model.models m set owner = pg_get_userbyid(n.nspowner) from pg_namespace n
where m.name = {{ model | literal }} and n.nspname = m.name and m.owner <> pg_get_userbyid(n.nspowner)
