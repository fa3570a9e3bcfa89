{# Marks the registry and its format; preflight looks for it.
   variables: none #}
comment on schema export_model is 'export-model registry, format 1'
