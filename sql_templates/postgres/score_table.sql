{# Score, or label, all rows of a table, view or query given as text.
   variables: model; function, score_table or label_table; column, score or label; target, the quoted name
   of the versioned function; wanted, score or label; inputs, what the model takes, as JSON; returns, an SQL type #}
create or replace function {{ model | ident }}.{{ function | ident }}(source text, key_column text)
returns table (key text, {{ column | ident }} {{ returns }})
language sql stable
as {% set source %}

select s.key, s.{{ column | ident }}::{{ returns }}
from export_model.score_source({{ target | literal }}, {{ inputs | literal }}, {{ wanted | literal }}, $1, $2) s
{% endset %}{{ source | body }}
