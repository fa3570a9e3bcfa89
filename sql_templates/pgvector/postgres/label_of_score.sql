{# The label of one row, by its score.
   variables: model; function, its name; parameters, score (a call), score_type and place, SQL; labels, an array; returns, an SQL type;
   schema_of_vector, which is not in it #}
create or replace function {{ model | ident }}.{{ function | ident }}({{ parameters }})
returns {{ returns }}
language plpgsql immutable strict parallel safe security definer
as {% set source %}

declare
  l_score constant {{ score_type }} := {{ score }};
begin
  if l_score is null then
    return null;
  end if;
  return ({{ labels }})[{{ place }}];
end
{% endset %}{{ source | body }}
