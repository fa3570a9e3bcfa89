{# A row with its key, for stack_rows: (id, array[a, b, c]) becomes one where it is called.
   variables: model; type, its quoted name #}
do {% set source %}

begin
  if to_regtype({{ type | literal }}) is null then
    create type {{ model | ident }}.stacked_row as (key bigint, features real[]);
  end if;
end
{% endset %}{{ source | body }}
