{# The cursor of compare, over what compare_kept kept: one slice of a plan cannot read what another holds. There are no batches, which are
   done.
   variables: sections, queries #}
declare export_model_compare no scroll cursor for
with recursive batches (size, rest, total) as (
  select 0::pg_catalog.float8, 0::pg_catalog.float8, 0::pg_catalog.float8 where false
), scored as not materialized (
  select * from pg_temp.export_model_compared
)
{{ sections }}
