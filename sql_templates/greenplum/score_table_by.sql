{# Score, or label, all rows of a source by the version that the last argument names.
   variables: model; function, score_table or label_table; column, score or label; returns, an SQL type #}
create or replace function {{ model | ident }}.{{ function | ident }}(source text, key_column text, version text)
returns table (key text, {{ column | ident }} {{ returns }})
language sql stable
as {% set source %}

select s.key, s.result
from export_model.score_source(export_model.scorer_of({{ model | literal }}, $3, {{ column | literal }}, null::{{ returns }}), {{ column | literal }},
  $1, $2, null::{{ returns }}) s
{% endset %}{{ source | body }}
