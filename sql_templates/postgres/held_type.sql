{# The type in which keys travel: their own, of a domain the one below it, so that no setting of the caller's changes a
   key. Arrays of arrays and of pseudo-types cannot be had, so keys of such types travel as texts.
   variables: settings of the function #}
create or replace function export_model.held_type(p_type regtype)
returns regtype
language sql stable strict
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

with recursive below as (
  select t.* from pg_type t where t.oid = p_type
  union all
  select t.* from below b join pg_type t on t.oid = b.typbasetype where b.typtype = 'd'
)
select case when typarray = 0 or typcategory = 'A' or typtype = 'p' then 'text'::regtype else oid::regtype end
from below where typtype <> 'd'
{% endset %}{{ source | body }}
