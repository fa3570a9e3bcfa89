{# A query that gives keys ($1) and results ($2) side by side; results that are no single number come as texts. Sets in a select list
   are given out row by row; in FROM each would first fill a file.
   variables: none #}
create or replace function export_model.give_query(p_type regtype)
returns text
language sql stable strict
set search_path = pg_catalog, pg_temp
as {% set source %}

select format('select pg_catalog.unnest($1), pg_catalog.unnest($2)::%I.%I', n.nspname, t.typname)
from pg_type t join pg_namespace n on n.oid = t.typnamespace where t.oid = p_type
{% endset %}{{ source | body }}
