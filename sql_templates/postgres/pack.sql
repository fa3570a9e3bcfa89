{# One row as bytes, for score_batch: its inputs one after another, or four bytes of ones where an
   input is NULL. PostgreSQL inlines it.
   variables: model; function, its name; parameters, SQL; messages, the inputs as bytes, SQL #}
create or replace function {{ model | ident }}.{{ function | ident }}({{ parameters | comma }})
returns bytea
language sql stable parallel safe
as {% set source %}

select coalesce({% for message in messages %}{{ message }}{% if not loop.last %} operator(pg_catalog.||) {% endif %}{% endfor %}, E'\\xffffffff'::pg_catalog.bytea)
{% endset %}{{ source | body }}
