{# The registry: what was deployed, with all that is needed to rebuild it.
   variables: none #}
create schema if not exists export_model
