{# Score, or label, all rows of a source by the version that the last argument names.
   variables: model; function, score_table or label_table; column, score or label; returns, an SQL type; results, the column of score_batches that holds such #}
create or replace function {{ model | ident }}.{{ function | ident }}(source text, key_column text, version text)
returns table (key text, {{ column | ident }} {{ returns }})
language sql stable
as {% set source %}

select pg_catalog.unnest(b.keys), pg_catalog.unnest(b.{{ results | ident }})::{{ returns }}
from export_model.score_batches(export_model.scorer_of({{ model | literal }}, $3, {{ column | literal }}, null::{{ returns }}), {{ column | literal }},
  $1, $2, {{ returns | literal }}) b
{% endset %}{{ source | body }}
