{# Run a statement that makes a function whose parameters a framework named and counted. PostgreSQL refuses other names for those of a function
   that is there, and a view may need it: so they stay where they differ by the count alone.
   variables: statement; parameters, SQL, as they stand in it; replaced, the function with argument types; same, a regular expression of
   parameters that are the same #}
do {% set source %}

declare
  l_there constant text := pg_get_function_arguments(to_regprocedure({{ replaced | literal }}));
  l_parameters constant text := {{ parameters | comma | literal }};
begin
  execute replace({{ statement | body }}, '(' || l_parameters || ')',
    '(' || case when l_there ~ {{ same | literal }} then l_there else l_parameters end || ')');
end
{% endset %}{{ source | body }}
