{# Marks the registry and its format; preflight looks for it.
   variables: registry_comment #}
comment on table export_model_versions is {{ registry_comment | literal }}
