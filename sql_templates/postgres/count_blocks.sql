{# How many blocks the largest table has among this one and its partitions or children; NULL where rows
   cannot be read by ranges of blocks: views, foreign tables, other storage, PostgreSQL before 14.
   variables: settings of the function #}
create or replace function export_model.count_blocks(p_table regclass)
returns bigint
language sql stable
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

with recursive tables as (
  select p_table::oid as id
  union
  select i.inhrelid from pg_inherits i join tables t on i.inhparent = t.id
)
select case when bool_and(c.relkind = 'p' or c.relkind in ('r', 'm') and a.amname = 'heap')
    and current_setting('server_version_num')::integer >= 140000
  then max(pg_relation_size(c.oid)) / current_setting('block_size')::bigint end
from tables t join pg_class c on c.oid = t.id left join pg_am a on a.oid = c.relam
{% endset %}{{ source | body }}
