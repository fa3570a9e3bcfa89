{# Score, or label, all rows of a table, view or query given as text.
   variables: model; function, score_table or label_table; column, score or label; returns, an SQL type; scorer, the function that tells about the version #}
create or replace function {{ model | ident }}.{{ function | ident }}(source text, key_column text)
returns table (key text, {{ column | ident }} {{ returns }})
language sql stable
as {% set source %}

select s.key, s.result
from export_model.score_source({{ model | ident }}.{{ scorer | ident }}(), {{ column | literal }}, $1, $2, null::{{ returns }}) s
{% endset %}{{ source | body }}
