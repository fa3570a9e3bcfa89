{# Refuse that a superuser writes to a table at which code of a role that is none would run, with a superuser's rights: triggers, rules, checks, indexes,
   types and policies. Who said "set role" or "set session authorization" is still a superuser, because that code may take it back, and so is a member of one;
   a function that runs with its owner's rights is not. The lock is the one that rows are written under: until the transaction ends none can be added.
   variables: settings of the function; guards, calls that refuse where it may not run #}
create or replace function export_model.refuse_code(p_target regclass)
returns void
language plpgsql volatile strict
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

declare
  l_is_free constant boolean := current_user = session_user or current_setting('role') = current_user;  -- to become again who logged in
  l_login constant oid := case when l_is_free then (select a.usesysid from pg_stat_get_activity(pg_backend_pid()) a) end;
  l_is_owned boolean;
  l_owner name;
  l_code text;
begin
{% for guard in guards %}
  perform {{ guard }};
{% endfor %}
  if not exists (select from pg_roles r, pg_roles s where s.rolsuper and (r.oid = l_login or r.rolname = current_user or l_is_free and r.rolname = session_user)
      and pg_has_role(r.oid, s.oid, 'member')) then
    return;
  end if;
  execute format('lock table %s in row exclusive mode', export_model.full_name(p_target));
  if to_regclass(export_model.full_name(p_target)) is distinct from p_target then
    raise exception 'table % was renamed meanwhile', p_target using errcode = 'object_in_use', hint = 'Give the command of the run again.';
  end if;
  select not r.rolsuper into l_is_owned from pg_class c join pg_roles r on r.oid = c.relowner where c.oid = p_target;
  if current_setting('transaction_isolation') <> 'read committed' and (l_is_owned or exists (select from pg_class c, aclexplode(c.relacl) a
      where c.oid = p_target and a.privilege_type = 'TRIGGER' and a.grantee <> c.relowner)) then
    raise exception 'a superuser cannot score into % in isolation level "%", in which code that was added since is not seen', p_target, current_setting('transaction_isolation')
      using errcode = 'insufficient_privilege', hint = 'Say: set transaction isolation level read committed; or connect as the role that owns it.';
  end if;
  if (select c.relkind = 'r' and not (c.relispartition or c.relhastriggers or c.relhasrules or c.relrowsecurity) and c.relchecks = 0 from pg_class c where c.oid = p_target)
      and not exists (select from pg_attribute a where a.attrelid = p_target and a.atttypid >= 16384 and not a.attisdropped)
      and not exists (select from pg_index i where i.indrelid = p_target and (i.indexprs is not null or i.indpred is not null)) then
    return;  -- as most are, which are not worth the query below with each batch
  end if;
  with tables as (
    select c.oid, c.relkind, pg_get_userbyid(c.relowner) as owner, not r.rolsuper as is_foreign from pg_class c join pg_roles r on r.oid = c.relowner
    where c.oid = p_target or c.oid in (select t.relid from pg_partition_tree(pg_partition_root(p_target)) t)
  ), code (class, id, owner, is_foreign) as (  -- is_foreign: the table's owner may have made it, whatever it calls
    select 'pg_class'::regclass, t.oid, t.owner, t.is_foreign from tables t where t.relkind = 'p'
    union all
    select 'pg_trigger'::regclass, g.oid, t.owner, t.is_foreign from tables t join pg_trigger g on g.tgrelid = t.oid
      where not g.tgisinternal and g.tgenabled <> 'D'
    union all
    select 'pg_rewrite'::regclass, w.oid, t.owner, t.is_foreign from tables t join pg_rewrite w on w.ev_class = t.oid where w.ev_enabled <> 'D'
    union all
    select 'pg_constraint'::regclass, k.oid, t.owner, false from tables t join pg_constraint k on k.conrelid = t.oid where k.contype = 'c'
    union all
    select 'pg_class'::regclass, i.indexrelid, t.owner, false from tables t join pg_index i on i.indrelid = t.oid
      where i.indexprs is not null or i.indpred is not null
    union all
    select 'pg_policy'::regclass, l.oid, t.owner, t.is_foreign from tables t join pg_class c on c.oid = t.oid join pg_policy l on l.polrelid = t.oid
      where c.relrowsecurity and row_security_active(t.oid)
    union all
    select 'pg_constraint'::regclass, k.oid, pg_get_userbyid(c.relowner), not r.rolsuper  -- rows that are deleted are deleted there, too
      from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_roles r on r.oid = c.relowner where k.contype = 'f' and k.confrelid = p_target
    union all
    select 'pg_class'::regclass, t.oid, t.owner, false from tables t  -- for the types of its columns
  ), found (class, id, owner) as (
    select c.class, c.id, c.owner from code c where c.is_foreign
    union
    select case when y.oid is null then c.class else 'pg_type'::regclass end, coalesce(y.oid, c.id), pg_get_userbyid(coalesce(p.proowner, o.oprowner, y.typowner))
      from code c
      join pg_depend d on d.classid = c.class and d.objid = c.id
      left join pg_proc p on d.refclassid = 'pg_proc'::regclass and p.oid = d.refobjid
      left join pg_operator o on d.refclassid = 'pg_operator'::regclass and o.oid = d.refobjid
      left join pg_type y on d.refclassid = 'pg_type'::regclass and y.oid = d.refobjid and y.typtype <> 'e'
      join pg_roles r on r.oid = coalesce(p.proowner, o.oprowner, y.typowner) and not r.rolsuper
  )
  select string_agg(distinct format('%s %s of role %I', case i.type when 'table' then 'partitions of' else i.type end, i.identity, f.owner), ', '), min(f.owner) into l_code, l_owner
    from found f, pg_identify_object(f.class, f.id, 0) i;
  if l_code is not null then
    raise exception 'rows that are written to % would run code of others with the rights of a superuser: %', p_target, l_code
      using errcode = 'insufficient_privilege',
        hint = format('Name another table, which is then made; or connect as role %I, not as a superuser, and score as that role.', l_owner);
  end if;
end
{% endset %}{{ source | body }}
