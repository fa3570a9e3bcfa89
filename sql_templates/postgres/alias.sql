{# What users call. It is stable, not immutable, because a new deployment switches it to its version;
   PostgreSQL inlines it, so that it costs nothing.
   variables: model; function, score or label; target, the versioned function; parameters, SQL;
   messages, the inputs as bytes, SQL; kept, which version the statement keeps, SQL, or None; returns, an SQL type #}
create or replace function {{ model | ident }}.{{ function | ident }}({{ parameters | comma }})
returns {{ returns }}
language sql stable parallel safe
as {% set source %}

select {{ model | ident }}.{{ target | ident }}({{ messages | comma }}{% if kept %}, {{ kept }}{% endif %})
{% endset %}{{ source | body }}
