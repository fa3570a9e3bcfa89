{# The largest |actual - expected| / max(1, |expected|); infinite where a number is missing.
   variables: model; numbers_type, SQL of the type of both #}
create or replace function {{ model | ident }}.difference(p_expected {{ numbers_type }}, p_actual {{ numbers_type }})
returns double precision
language sql immutable
set search_path = pg_catalog, pg_temp
as {% set source %}

select max(case when x.e = x.a then 0::double precision
                else coalesce(abs(x.a - x.e) / greatest(1, abs(x.e)), 'Infinity') end)
from unnest(p_expected::double precision[], p_actual::double precision[]) as x(e, a)
{% endset %}{{ source | body }}
