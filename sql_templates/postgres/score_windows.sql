{# Score, or label, the windows over the rows of a table, view or query given as text; a window goes by the key of its last row.
   variables: model; function, score_windows or label_windows; column, score or label; returns, an SQL type; parameters, SQL; scorer, the function that
   tells about the version #}
create or replace function {{ model | ident }}.{{ function | ident }}({{ parameters | comma }})
returns setof record
language sql stable
as {% set source %}

select s.key, s.result
from export_model.score_series({{ model | ident }}.{{ scorer | ident }}(), {{ column | literal }}, $1, $2, $3, $4, $6, $5::pg_catalog.text,
  pg_catalog.pg_typeof($5), null::{{ returns }}) s
{% endset %}{{ source | body }}
