{# Products in double precision of a kernel and windows of an array, for rows that hold what no vector takes. A window begins p_step numbers
   after the one before, and has p_taps pieces of p_width numbers, p_gap numbers from one to the next, the first of them p_first numbers
   from where it begins. The kernel lies column by column, then the bias.
   variables: none #}
create or replace function export_model.vector_slide(
  p_x double precision[], p_weights double precision[], p_count integer, p_step integer, p_taps integer, p_gap integer, p_first integer,
  p_width integer, p_outputs integer)
returns double precision[]
language plpgsql immutable strict parallel safe
as {% set source %}

declare
  l_result double precision[] := '{}';
  l_size constant integer := p_taps operator(pg_catalog.*) p_width;
  l_sum double precision;
  l_at integer;
  l_weight integer;
begin
  for n in 0 .. p_count operator(pg_catalog.-) 1 loop
    for j in 0 .. p_outputs operator(pg_catalog.-) 1 loop
      l_sum := p_weights[(l_size operator(pg_catalog.*) p_outputs) operator(pg_catalog.+) j operator(pg_catalog.+) 1];
      l_weight := j operator(pg_catalog.*) l_size;
      for t in 0 .. p_taps operator(pg_catalog.-) 1 loop
        l_at := (n operator(pg_catalog.*) p_step) operator(pg_catalog.+) (t operator(pg_catalog.*) p_gap) operator(pg_catalog.+) p_first;
        for i in 1 .. p_width loop
          l_weight := l_weight operator(pg_catalog.+) 1;
          l_sum := l_sum operator(pg_catalog.+) (p_x[l_at operator(pg_catalog.+) i] operator(pg_catalog.*) p_weights[l_weight]);
        end loop;
      end loop;
      l_result[(n operator(pg_catalog.*) p_outputs) operator(pg_catalog.+) j operator(pg_catalog.+) 1] := l_sum;
    end loop;
  end loop;
  return l_result;
end
{% endset %}{{ source | body }}
