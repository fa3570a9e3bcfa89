{# An array of other dimensions or bounds than a row has, laid out flat; an error where it is of another size.
   variables: none #}
create or replace function export_model.vector_row(p_x double precision[], p_lengths integer[], p_takes text)
returns double precision[]
language plpgsql immutable strict parallel safe
as {% set source %}

declare
  l_problem constant pg_catalog.text := export_model.vector_problem(p_x, p_lengths, p_takes);
begin
  if l_problem is not null then
    raise exception '%', l_problem using errcode = 'invalid_parameter_value';
  end if;
  return array(select u.x from pg_catalog.unnest(p_x) with ordinality as u (x, n) order by u.n);
end
{% endset %}{{ source | body }}
