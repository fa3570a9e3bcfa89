{# Score, or label, what stack_rows gathered, and give the keys back.
   variables: model; function, score_stack or label_stack; batch, score_batch or label_batch; column, score or
   label; returns, an SQL type #}
create or replace function {{ model | ident }}.{{ function | ident }}(rows {{ model | ident }}.stacked_row[])
returns table (key bigint, {{ column | ident }} {{ returns }})
language plpgsql stable strict parallel safe
as {% set source %}

begin
  return query
    select ({{ model | ident }}.{{ batch | ident }}(pg_catalog.array_agg(u.key),
      pg_catalog.string_agg({{ model | ident }}.pack(u.features), ''::pg_catalog.bytea))).*
    from pg_catalog.unnest(rows) as u;
end
{% endset %}{{ source | body }}
