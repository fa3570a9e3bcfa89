{# Refuse that a superuser writes to a table at which code of a role that is none would run, with a superuser's rights: triggers, rules, checks and
   indexes. Who said "set role" is still a superuser, because that code may say "reset role"; a function that runs with its owner's rights
   is not. The lock is the one that rows are written under: until the transaction ends none can be added.
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
  l_acting constant name := case when current_setting('role') = current_user then session_user else current_user end;
  l_owner name;
  l_code text;
begin
{% for guard in guards %}
  perform {{ guard }};
{% endfor %}
  if not exists (select from pg_roles r where r.rolname in (l_acting, current_user) and r.rolsuper) then
    return;
  end if;
  execute format('lock table %s in row exclusive mode', export_model.full_name(p_target));
  if (select c.relkind = 'r' and not (c.relispartition or c.relhastriggers or c.relhasrules) and c.relchecks = 0 from pg_class c where c.oid = p_target)
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
  ), found (class, id, owner) as (
    select c.class, c.id, c.owner from code c where c.is_foreign
    union
    select c.class, c.id, pg_get_userbyid(coalesce(p.proowner, o.oprowner, y.typowner)) from code c
      join pg_depend d on d.classid = c.class and d.objid = c.id
      left join pg_proc p on d.refclassid = 'pg_proc'::regclass and p.oid = d.refobjid
      left join pg_operator o on d.refclassid = 'pg_operator'::regclass and o.oid = d.refobjid
      left join pg_type y on d.refclassid = 'pg_type'::regclass and y.oid = d.refobjid
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
