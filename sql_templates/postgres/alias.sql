{# What score and label of a row return and do. It is stable, not immutable, because a new deployment switches it to its version;
   PostgreSQL inlines it, so that it costs nothing.
   variables: model; target, the versioned function; messages, the inputs as bytes, SQL; returns, an SQL type #}
returns {{ returns }}
language sql stable parallel safe
as {% set source %}

select {{ model | ident }}.{{ target | ident }}({{ messages | comma }})
{% endset %}{{ source | body }}
