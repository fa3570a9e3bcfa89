{# From here on the model is this version.
   variables: model, version #}
update export_model.models set current_version = {{ version | literal }}
where name = {{ model | literal }} and current_version <> {{ version | literal }}
