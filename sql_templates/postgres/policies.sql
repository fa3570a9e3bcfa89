{# A query of the registry's tables with the condition by which rows are shown to who deploys, and that of rows which he adds, where it is
   another: (id, condition, added, is_on, is_made). Nobody writes into the journal of a model that is not his. is_on,
   whether PostgreSQL looks at policies there; is_made, whether the one there is, and no other, is as policies_protect makes it.
   variables: none #}
select t.oid as id, w.condition, w.added, t.relrowsecurity as is_on,
  t.relrowsecurity and (select count(*) = 1 and bool_and(p.polname = 'own_rows' and p.polcmd = '*' and p.polpermissive
    and p.polroles = '{0}' and pg_get_expr(p.polwithcheck, p.polrelid) is not distinct from w.added and pg_get_expr(p.polqual, p.polrelid) = w.condition)
    from pg_policy p where p.polrelid = t.oid) as is_made
from (values ('models', 'export_model.owns(owner)', null), ('journal', 'export_model.owns(owner)', 'export_model.owns_model(model)'),
             ('versions', 'export_model.owns_model(model)', null), ('objects', 'export_model.owns_model(model)', null),
             ('aliases', 'export_model.owns_model(model)', null), ('grants', 'export_model.owns_model(model)', null),
             ('tensors', 'export_model.owns_version(version)', null), ('chunks', 'export_model.owns_version(version)', null),
             ('samples', 'export_model.owns_version(version)', null)) as w (name, condition, added)
join pg_class t on t.relname = w.name and t.relkind = 'r'
  and t.relnamespace = (select oid from pg_namespace where nspname = 'export_model')
