{# Score, or label, all rows of a table, view or query given as text. Lists are taken apart row by row as the caller asks for them: in FROM
   they would first fill a file.
   variables: model; function, score_table or label_table; column, score or label; returns, an SQL type; results, the column of
   score_batches that holds such; scorer, the function that tells about the version #}
create or replace function {{ model | ident }}.{{ function | ident }}(source text, key_column text)
returns table (key text, {{ column | ident }} {{ returns }})
language sql stable
as {% set source %}

select pg_catalog.unnest(b.keys), pg_catalog.unnest(b.{{ results | ident }})::{{ returns }}
from export_model.score_batches({{ model | ident }}.{{ scorer | ident }}(), {{ column | literal }}, $1, $2, {{ returns | literal }}) b
{% endset %}{{ source | body }}
