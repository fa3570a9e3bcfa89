{# A query of the registry's tables with the condition by which rows are shown to who deploys: (id, condition, is_on, is_made). is_on,
   whether PostgreSQL looks at policies there; is_made, whether the one there is, and no other, is as policies_protect makes it.
   variables: none #}
select t.oid as id, w.condition, t.relrowsecurity as is_on,
  t.relrowsecurity and (select count(*) = 1 and bool_and(p.polname = 'own_rows' and p.polcmd = '*' and p.polpermissive
    and p.polroles = '{0}' and p.polwithcheck is null and pg_get_expr(p.polqual, p.polrelid) = w.condition)
    from pg_policy p where p.polrelid = t.oid) as is_made
from (values ('models', 'export_model.owns(owner)'), ('journal', 'export_model.owns(owner)'),
             ('versions', 'export_model.owns_model(model)'), ('objects', 'export_model.owns_model(model)'),
             ('aliases', 'export_model.owns_model(model)'), ('grants', 'export_model.owns_model(model)'),
             ('tensors', 'export_model.owns_version(version)'), ('chunks', 'export_model.owns_version(version)'),
             ('samples', 'export_model.owns_version(version)')) as w (name, condition)
join pg_class t on t.relname = w.name and t.relkind = 'r'
  and t.relnamespace = (select oid from pg_namespace where nspname = 'export_model')
