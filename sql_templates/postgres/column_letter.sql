{# How a column of this type lies in a record, for a model that takes this kind: one letter. NULL where
   what it would mean is not plain.
   variables: settings of the function #}
create or replace function export_model.column_letter(p_type regtype, p_kind text)
returns text
language sql stable strict
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

with recursive below as (
  select t.oid, t.typtype, t.typcategory, t.typbasetype from pg_type t where t.oid = p_type
  union all
  select t.oid, t.typtype, t.typcategory, t.typbasetype from below b join pg_type t on t.oid = b.typbasetype where b.typtype = 'd'
)
select case
    when p_kind = 'text' and (b.typcategory = 'S' or b.typtype = 'e') then 't'
    else (select l.letter from (values
        ('number', 'double precision', 'd'), ('number', 'bigint', 'q'), ('number', 'real', 'f'), ('number', 'integer', 'i'),
        ('number', 'smallint', 'h'), ('number', 'boolean', 'b'), ('number', 'numeric', 'n'), ('boolean', 'boolean', 'b'), ('date', 'date', 'y'),
        ('timestamp', 'timestamp', 's'), ('timestamp', 'timestamptz', 's'), ('timestamp', 'date', 's')
      ) as l (kind, type, letter) where l.kind = p_kind and l.type::regtype = b.oid) end
from below b where b.typtype <> 'd'
{% endset %}{{ source | body }}
