{# A function of one row, which users call. PostgreSQL refuses other names for the parameters of one that is there, and it may be needed by a
   view: where a framework counted the names, those that are there stay.
   variables: model; function, its name; parameters, SQL; replaced, it with argument types; same, none or a regular expression of parameters that are the
   same; does, the template of what it returns and does #}
{% if same is none %}
create or replace function {{ model | ident }}.{{ function | ident }}({{ parameters | comma }})
{% include does %}
{% else %}
do {% set source %}

declare
  l_there constant text := pg_get_function_arguments(to_regprocedure({{ replaced | literal }}));
  l_parameters constant text := {{ parameters | comma | literal }};
begin
  execute {% set head %}create or replace function {{ model | ident }}.{{ function | ident }}({% endset %}{{ head | literal }}
    || case when l_there ~ {{ same | literal }} then l_there else l_parameters end || ') ' || {% set rest %}{% include does %}{% endset %}{{ rest | body }};
end
{% endset %}{{ source | body }}
{% endif %}
