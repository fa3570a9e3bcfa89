{# Score a source into a table that this makes or fills, by the version that the last argument names.
   variables: model #}
create or replace procedure {{ model | ident }}.score_into(source text, key_column text, target text, version text)
language plpgsql
as {% set source %}

begin
  call export_model.score_into(export_model.scorer_of({{ model | literal }}, version, 'score', null::pg_catalog.bool), source, key_column, target);
end
{% endset %}{{ source | body }}
