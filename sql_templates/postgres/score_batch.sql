{# Score, or label, what array_agg(key) and string_agg(pack(...), '') gathered, and give the keys back. PostgreSQL inlines it, so that a
   statement goes on with the version that it was planned with: a function in PL/pgSQL that is replaced is read again in the middle of one.
   variables: model; function, score_batch or label_batch; column, score or label; target, that of the version; kept, which version the
   statement keeps, SQL; returns, an SQL type #}
create or replace function {{ model | ident }}.{{ function | ident }}(keys anyarray, rows bytea)
returns table (key anyelement, {{ column | ident }} {{ returns }})
language sql stable parallel safe
as {% set source %}

select b.key, b.{{ column | ident }} from {{ model | ident }}.{{ target | ident }}($1, $2, {{ kept }}) b
{% endset %}{{ source | body }}
