{# What is wrong with an array that is no row as it stands, or NULL where it is one of other dimensions or bounds.
   variables: none #}
create or replace function export_model.vector_problem(p_x double precision[], p_lengths integer[], p_takes text)
returns text
language plpgsql immutable strict parallel safe
as {% set source %}

declare
  l_lengths constant integer[] := array(
    select pg_catalog.array_length(p_x, g.n) from pg_catalog.generate_series(1, coalesce(pg_catalog.array_ndims(p_x), 0)) as g (n) order by g.n);
  l_count integer := 1;
begin
  for n in 1 .. pg_catalog.cardinality(p_lengths) loop
    l_count := l_count operator(pg_catalog.*) p_lengths[n];
  end loop;
  if pg_catalog.cardinality(p_x) operator(pg_catalog.=) l_count
      and (pg_catalog.cardinality(l_lengths) operator(pg_catalog.<=) 1 or l_lengths operator(pg_catalog.=) p_lengths) then
    return null;
  end if;
  return p_takes operator(pg_catalog.||) ', got ' operator(pg_catalog.||)
    case when pg_catalog.cardinality(l_lengths) operator(pg_catalog.>) 0 then pg_catalog.array_to_string(l_lengths, 'x') else '0' end;
end
{% endset %}{{ source | body }}
