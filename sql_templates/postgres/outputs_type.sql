{# The result of a model with several outputs; it never changes, its name holds its digest.
   variables: model; type, its name; identity, its quoted name; outputs, each with name and sql_type #}
do {% set source %}

begin
  if to_regtype({{ identity | literal }}) is null then
    create type {{ model | ident }}.{{ type | ident }} as (
{% for output in outputs %}
      {{ output.name | ident }} {{ output.sql_type }}{% if not loop.last %},{% endif %}

{% endfor %}
    );
  end if;
end
{% endset %}{{ source | body }}
