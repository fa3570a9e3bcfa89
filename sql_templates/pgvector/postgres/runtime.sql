{# Products in double precision, for rows that hold numbers that no vector takes: NaN, infinities and large ones. The weights are real
   numbers as they lie in memory, little-endian, column by column of the kernel, then the bias.
   variables: runtime, the function's name #}
create or replace function export_model.{{ runtime | ident }}(
  p_x double precision[], p_weights bytea, p_first integer, p_width integer, p_count integer)
returns double precision[]
language plpgsql immutable strict parallel safe
as {% set source %}

declare
  l_rows constant integer := pg_catalog.cardinality(p_x) operator(pg_catalog./) p_width;
  l_weights double precision[] := '{}';
  l_result double precision[] := '{}';
  l_at integer;
  l_high integer;
  l_bits integer;
  l_weight double precision;
  l_sum double precision;
  l_size constant integer := (p_width operator(pg_catalog.+) 1) operator(pg_catalog.*) p_count;
begin
  for n in 0 .. l_size operator(pg_catalog.-) 1 loop
    l_at := p_first operator(pg_catalog.+) (4 operator(pg_catalog.*) n);
    l_high := ((pg_catalog.get_byte(p_weights, l_at operator(pg_catalog.+) 3) operator(pg_catalog.&) 127) operator(pg_catalog.*) 2)
      operator(pg_catalog.+) (pg_catalog.get_byte(p_weights, l_at operator(pg_catalog.+) 2) operator(pg_catalog./) 128);
    l_bits := ((pg_catalog.get_byte(p_weights, l_at operator(pg_catalog.+) 2) operator(pg_catalog.&) 127) operator(pg_catalog.*) 65536)
      operator(pg_catalog.+) (pg_catalog.get_byte(p_weights, l_at operator(pg_catalog.+) 1) operator(pg_catalog.*) 256)
      operator(pg_catalog.+) pg_catalog.get_byte(p_weights, l_at);
    l_weight := case
      when l_high operator(pg_catalog.=) 255 then case when l_bits operator(pg_catalog.=) 0 then 'Infinity' else 'NaN' end::double precision
      when l_high operator(pg_catalog.=) 0 then l_bits operator(pg_catalog.*) 1.401298464324817e-45::double precision
      else (l_bits operator(pg_catalog.+) 8388608) operator(pg_catalog.*)
        pg_catalog.power(2::double precision, (l_high operator(pg_catalog.-) 150)::double precision) end;
    if pg_catalog.get_byte(p_weights, l_at operator(pg_catalog.+) 3) operator(pg_catalog.>) 127 then
      l_weight := 0 operator(pg_catalog.-) l_weight;
    end if;
    l_weights[n operator(pg_catalog.+) 1] := l_weight;
  end loop;
  for r in 0 .. l_rows operator(pg_catalog.-) 1 loop
    for j in 0 .. p_count operator(pg_catalog.-) 1 loop
      l_sum := l_weights[(p_width operator(pg_catalog.*) p_count) operator(pg_catalog.+) j operator(pg_catalog.+) 1];
      for i in 1 .. p_width loop
        l_sum := l_sum operator(pg_catalog.+) (p_x[(r operator(pg_catalog.*) p_width) operator(pg_catalog.+) i]
          operator(pg_catalog.*) l_weights[(j operator(pg_catalog.*) p_width) operator(pg_catalog.+) i]);
      end loop;
      l_result[(r operator(pg_catalog.*) p_count) operator(pg_catalog.+) j operator(pg_catalog.+) 1] := l_sum;
    end loop;
  end loop;
  return l_result;
end
{% endset %}{{ source | body }}
