{# Score a table, view or query into a table that this makes or fills: (key, score, label, model_version, scored_at).
   variables: model #}
create or replace procedure {{ model | ident }}.score_into(source text, key_column text, target text)
language plpgsql
as {% set source %}

begin
  call export_model.score_into({{ model | ident }}.scorer(), source, key_column, target);
end
{% endset %}{{ source | body }}
