{# A row of a batch: its score and label as elements of arrays of texts. With fewer digits in the caller's session than a number has,
   the function that sets them is called, which costs more.
   A row of another length is what is wrong with it. variables: inputs, each with is_other and arguments, SQL, for those whose length
   is not known; model; function, its name; parameters, score and exact (calls), score_type, and
   label, of l_score, SQL; is_exact; returns, an SQL type;
   schema_of_vector, which is not in it #}
create or replace function {{ model | ident }}.{{ function | ident }}({{ parameters }})
returns {{ returns }}
language plpgsql immutable parallel safe
{% if is_exact %}
set extra_float_digits = 1
{% endif %}
as {% set source %}

declare
  l_problem pg_catalog.text;
  l_score {{ score_type }};
begin
{% if not is_exact %}
  if pg_catalog.current_setting('extra_float_digits')::integer operator(pg_catalog.<) 1 then
    return {{ exact }};
  end if;
{% endif %}
{% for input in inputs %}
  if {{ input.is_other }} then
    l_problem := export_model.vector_problem({{ input.arguments }});
    if l_problem is not null then
      return pg_catalog.convert_to(E'\x03' operator(pg_catalog.||) l_problem operator(pg_catalog.||) E'\x02', 'UTF8');
    end if;
  end if;
{% endfor %}
  l_score := {{ score }};
  return pg_catalog.convert_to(
    array[l_score::pg_catalog.text]::pg_catalog.text operator(pg_catalog.||) E'\x01'
    operator(pg_catalog.||) array[{{ label }}]::pg_catalog.text operator(pg_catalog.||) E'\x02', 'UTF8');
end
{% endset %}{{ source | body }}
