{# May this role see and change rows of a model with that owner? Who deploys has to be it. A role that may only read, as a DBA may let
   somebody who watches, reads all. Policies of the registry's tables ask it, with the rights of who reads or writes; superusers and the
   registry's owner are not asked.
   variables: none #}
create or replace function export_model.owns(p_owner text)
returns boolean
language sql stable
as {% set source %}

select p_owner operator(pg_catalog.=) current_user::pg_catalog.text
  or not pg_catalog.has_table_privilege('export_model.models', 'insert')
{% endset %}{{ source | body }}
