{# Forecast every series of a source, step by step: what the model gives becomes the series' next row.
   variables: model; function, its name; scorer, the function that tells about the version; returns, an SQL type; parameters, SQL #}
create or replace function {{ model | ident }}.{{ function | ident }}({{ parameters | comma }})
returns table (series text, step integer, forecast {{ returns }})
language sql stable
as {% set source %}

select f.series, f.step, f.forecast::{{ returns }}
from export_model.forecast_source({{ model | ident }}.{{ scorer | ident }}(), $1, $2, $3, $4, $5, $6) f
{% endset %}{{ source | body }}
