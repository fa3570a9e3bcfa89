{# What reads a version's weights as bytes, see stored_vectors.
   variables: model; place, the table, SQL; function, its name; returns, an SQL type; schema_of_vector, which is not in it #}
create or replace function {{ model | ident }}.{{ function | ident }}(p_place integer)
returns {{ returns }}
language plpgsql immutable strict parallel safe
as {% set source %}

declare
  l_bytes constant {{ returns }} := (
    select w.bytes from {{ place }} w where w.place operator(pg_catalog.=) (operator(pg_catalog.-) p_place));
begin
  if l_bytes is null then
    raise exception 'the weights of model "%" are not there for this transaction', {{ model | literal }};
  end if;
  return l_bytes;
end
{% endset %}{{ source | body }}
