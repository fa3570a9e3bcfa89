{# A query of what could run with our rights and yet belongs to others than this role and superusers, or can be changed by
   them, among all that a deployment runs or reuses: (finding, mend). No row is how it should be. pg_depend tells what
   hangs on the tables; it holds nothing about what PostgreSQL itself brings along. Schemas and tables can be taken over, all
   that could run in them is named too; a function cannot, its body is somebody's. Names resolve in pg_catalog.
   Who may deploy may write to the tables, where policies leave him his own rows.
   A schema that is somebody's with what is in it is one row: hundreds would hide whose it is, and he alone can work there.
   Queries by name are kept apart, as servers did that had no policies: planning takes most of the time, and less of it then.
   variables: schemas, the registry's and those of models; acting_role, SQL that names it; also, names of further roles to whom it may
   belong; has_policies, whether the server knows these #}
with trusted as{% if has_policies %} materialized{% endif %} (
  select r.oid from pg_roles r where r.rolsuper or r.rolname = {{ acting_role }} or r.rolname = any ({{ also | texts }})

), places as{% if has_policies %} materialized{% endif %} (
  select n.oid, n.nspname, n.nspowner, n.nspacl from pg_namespace n where n.nspname = any ({{ schemas | texts }})
), tables as{% if has_policies %} materialized{% endif %} (
  select c.oid, n.oid as place, c.relkind, c.relacl, {% if has_policies %}c.relrowsecurity{% else %}false{% endif %} as is_filtered from pg_class c join places n on n.oid = c.relnamespace
  where n.nspname = 'export_model' and c.relname in ('models', 'versions', 'tensors', 'chunks', 'samples', 'objects', 'aliases', 'journal', 'grants')
), deployers (id) as{% if has_policies %} materialized{% endif %} (
{% if has_policies %}
{% include 'deployers.sql' %}
{% else %}
  select null::oid where false
{% endif %}

), made_policies (id) as{% if has_policies %} materialized{% endif %} (
{% if has_policies %}
  select p.oid from ({% include 'policies.sql' %}) q join pg_policy p on p.polrelid = q.id where q.is_made
{% else %}
  select null::oid where false
{% endif %}

), owned (class, id, owner, place) as{% if has_policies %} materialized{% endif %} (
  select 'pg_namespace'::regclass, n.oid, n.nspowner, n.oid from places n
  union all
  select 'pg_class'::regclass, c.oid, c.relowner, n.oid from pg_class c join places n on n.oid = c.relnamespace
    where n.nspname = 'export_model' and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
  union all
  select 'pg_proc'::regclass, p.oid, p.proowner, n.oid from pg_proc p join places n on n.oid = p.pronamespace
  union all
  select 'pg_type'::regclass, t.oid, t.typowner, n.oid from pg_type t join places n on n.oid = t.typnamespace
    left join pg_class c on c.oid = t.typrelid
    where t.typelem = 0 and coalesce(c.relkind = 'c', true)
  union all
  select 'pg_foreign_data_wrapper'::regclass, w.oid, w.fdwowner, null::oid from pg_foreign_data_wrapper w
    where w.fdwname like 'export\_model\_%'
  union all
  select 'pg_foreign_server'::regclass, s.oid, s.srvowner, null::oid from pg_foreign_server s  -- every version has this one, others may have any name
    where s.srvname ~ '^export_model_[0-9a-f]{32}_plan$' and exists (
      select from pg_proc p join places n on n.oid = p.pronamespace
      where n.nspname <> 'export_model' and right(p.proname, 13) = '_' || substr(s.srvname, 14, 12) and strpos(p.prosrc, substr(s.srvname, 14, 32)) > 0)
), strange (class, id, owner, place, others, is_whole) as{% if has_policies %} materialized{% endif %} (  -- is_whole: it lies in a schema of the same owner
  select o.class, o.id, o.owner, o.place, count(*) over (partition by o.place, o.owner) - 1,
      o.place is not null and bool_or(o.class = 'pg_namespace'::regclass) over (partition by o.place, o.owner)
    from owned o where o.owner not in (select oid from trusted)
), hanging (class, id) as{% if has_policies %} materialized{% endif %} (
  select d.classid::regclass, d.objid from pg_depend d join tables t on t.oid = d.refobjid
    where d.refclassid = 'pg_class'::regclass and d.deptype in ('a', 'i') and d.classid <> 'pg_type'::regclass
      and not (d.classid::regclass::text = 'pg_policy' and d.objid in (select id from made_policies))
), expressions (class, id, text) as{% if has_policies %} materialized{% endif %} (  -- the system's own functions, which pg_depend does not list, can run a text too: query_to_xml
  select 'pg_attrdef'::regclass, d.oid, pg_get_expr(d.adbin, d.adrelid) from pg_attrdef d join tables t on t.oid = d.adrelid
  union all
  select 'pg_constraint'::regclass, k.oid, pg_get_expr(k.conbin, k.conrelid) from pg_constraint k join tables t on t.oid = k.conrelid
    where k.conbin is not null
  union all
  select 'pg_class'::regclass, x.indexrelid, concat_ws(' where ', pg_get_expr(x.indexprs, x.indrelid), pg_get_expr(x.indpred, x.indrelid))
    from pg_index x join tables t on t.oid = x.indrelid where x.indexprs is not null or x.indpred is not null
), granted (what, privilege, grantee, place) as{% if has_policies %} materialized{% endif %} (
  select format('schema %I', n.nspname), a.privilege_type, a.grantee, n.oid from places n, aclexplode(n.nspacl) a
    where a.privilege_type = 'CREATE'
  union all
  select format('table %s', t.oid::regclass), a.privilege_type, a.grantee, t.place from tables t, aclexplode(t.relacl) a
    where a.privilege_type <> 'SELECT'
      and not (t.is_filtered and a.privilege_type in ('INSERT', 'UPDATE', 'DELETE') and a.grantee in (select id from deployers))
  union all
  select format('table %s', t.oid::regclass), a.privilege_type, a.grantee, t.place
    from tables t join pg_attribute c on c.attrelid = t.oid, aclexplode(c.attacl) a where a.privilege_type <> 'SELECT'
      and not (t.is_filtered and a.privilege_type = 'INSERT' and a.grantee in (select id from deployers))
), found (what, problem, mend) as{% if has_policies %} materialized{% endif %} (
  select i.type || ' ' || i.identity, 'belongs to role ' || quote_ident(r.rolname),
      case when i.type in ('schema', 'table') then format('alter %s %s owner to %I', i.type, i.identity, {{ acting_role }})
        else format('drop %s %s', case o.class when 'pg_type'::regclass then 'type'
          when 'pg_foreign_data_wrapper'::regclass then 'foreign data wrapper' else i.type end, i.identity) end
    from strange o join pg_roles r on r.oid = o.owner, pg_identify_object(o.class, o.id, 0) i
    where not o.is_whole or o.others = 0
  union all
  select format('schema %I, with %s objects in it,', n.nspname, o.others), 'belongs to role ' || quote_ident(r.rolname),
{% include 'as_role.sql' %}

      || case when (select m.rolsuper from pg_roles m where m.rolname = {{ acting_role }})
        then format(', or, where that is nobody who should have it: drop schema %I cascade', n.nspname) else '' end
    from strange o join pg_roles r on r.oid = o.owner join pg_namespace n on n.oid = o.place
    where o.is_whole and o.others > 0 and o.class = 'pg_namespace'::regclass
  union all
  select format('event trigger %I', e.evtname), format('runs function %s of role %I', p.oid::regprocedure, r.rolname),
      format('alter event trigger %I disable', e.evtname)
    from pg_event_trigger e join pg_proc p on p.oid = e.evtfoid join pg_roles r on r.oid = p.proowner
    where e.evtenabled <> 'D' and p.proowner not in (select oid from trusted)
  union all
  select i.type || ' ' || i.identity, 'runs with the rights of who writes to the registry', format('drop %s %s', i.type, i.identity)
    from hanging h, pg_identify_object(h.class, h.id, 0) i
    where h.class::text in ('pg_trigger', 'pg_rewrite', 'pg_policy', 'pg_statistic_ext')
  union all
  select u.type || ' ' || u.identity, 'needs ' || f.type || ' ' || f.identity, 'drop schema export_model cascade'
    from (select h.class, h.id from hanging h where h.class::text in ('pg_class', 'pg_attrdef', 'pg_constraint')
          union select 'pg_class'::regclass, t.oid from tables t) h
    join pg_depend d on d.classid = h.class and d.objid = h.id
      and d.refclassid::regclass::text in ('pg_proc', 'pg_type', 'pg_operator', 'pg_opclass'),
    pg_identify_object(h.class, h.id, 0) u, pg_identify_object(d.refclassid, d.refobjid, 0) f
  union all
  select i.type || ' ' || i.identity, 'computes ' || e.text, 'drop schema export_model cascade'
    from expressions e, pg_identify_object(e.class, e.id, 0) i
    where e.text not in ('CURRENT_TIMESTAMP', 'now()', 'clock_timestamp()', 'CURRENT_USER', '"current_user"()', 'SESSION_USER',
      '"session_user"()', '0', '((numbers IS NULL) <> (texts IS NULL))',
      'nextval(''export_model.journal_id_seq''::regclass)')
    and not exists (select from pg_depend d where d.classid = e.class and d.objid = e.id  -- named above
      and d.refclassid::regclass::text in ('pg_proc', 'pg_type', 'pg_operator', 'pg_opclass'))
  union all
  select format('constraint %I on %s', k.conname, k.conrelid::regclass), 'ties the registry to other tables',
      format('alter table %s drop constraint %I', k.conrelid::regclass, k.conname)
    from pg_constraint k where k.contype in ('f', 'x')
      and (k.conrelid in (select oid from tables) or k.confrelid in (select oid from tables))
  union all
  select 'table ' || h.inhrelid::regclass, 'inherits from ' || h.inhparent::regclass, format('drop table %s', h.inhrelid::regclass)
    from pg_inherits h where h.inhrelid in (select oid from tables) or h.inhparent in (select oid from tables)
  union all
  select t.oid::regclass::text, 'is no table', 'drop schema export_model cascade' from tables t where t.relkind <> 'r'
  union all
  select g.what, format('%s is granted to %s', g.privilege, coalesce(quote_ident(r.rolname), 'public')),
      format('revoke %s on %s from %s', g.privilege, g.what, coalesce(quote_ident(r.rolname), 'public'))
    from granted g left join pg_roles r on r.oid = g.grantee
    where g.grantee not in (select oid from trusted)
      and not exists (select from strange o where o.place = g.place and o.owner = g.grantee and o.is_whole and o.others > 0)
)
select distinct f.what || ' ' || f.problem as finding, f.mend from found f order by 1
