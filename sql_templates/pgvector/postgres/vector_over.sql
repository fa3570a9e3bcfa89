{# a / b as floating-point arithmetic has it: b may be 0, and over- and underflow are no errors.
   variables: none #}
create or replace function export_model.vector_over(p_a double precision, p_b double precision)
returns double precision
language plpgsql immutable strict parallel safe
as {% set source %}

declare
  l_size double precision;
begin
  if p_b operator(pg_catalog.=) 0 then
    return case when p_a operator(pg_catalog.=) 0 or p_a operator(pg_catalog.=) 'NaN'::double precision then 'NaN'::double precision
      else pg_catalog.sign(p_a) operator(pg_catalog.*) 'Infinity'::double precision end;
  end if;
  if p_a operator(pg_catalog.=) 0 or pg_catalog.abs(p_a) operator(pg_catalog.>=) 'Infinity'::double precision
      or pg_catalog.abs(p_b) operator(pg_catalog.>=) 'Infinity'::double precision then
    return p_a operator(pg_catalog./) p_b;
  end if;
  l_size := pg_catalog.ln(pg_catalog.abs(p_a)) operator(pg_catalog.-) pg_catalog.ln(pg_catalog.abs(p_b));
  if l_size operator(pg_catalog.<) (-708) then
    return 0;
  elsif l_size operator(pg_catalog.>) 709.5 then
    return pg_catalog.sign(p_a) operator(pg_catalog.*) pg_catalog.sign(p_b) operator(pg_catalog.*) 'Infinity'::double precision;
  end if;
  return p_a operator(pg_catalog./) p_b;
end
{% endset %}{{ source | body }}
