{# Score a table, view or query into a table that this makes or fills: (key, score, label, model_version, scored_at).
   variables: model; function, its name; scorer, the function that tells about the version #}
create or replace procedure {{ model | ident }}.{{ function | ident }}(source text, key_column text, target text)
language plpgsql
as {% set source %}

begin
  call export_model.score_into({{ model | ident }}.{{ scorer | ident }}(), source, key_column, target);
end
{% endset %}{{ source | body }}
