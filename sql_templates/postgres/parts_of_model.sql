{# A query of all that a removal of a model may take along: what is in its schema and in the registry's, and what depends on that,
   at any number of steps: (class, id, sub, kind, name, held, is_own, schema), held the table or view that it is a part of, is_own whether
   export-model made it. The rule of a view is the view.
   variables: model; registry, the registry's schema #}
with recursive places (id, name) as (
  select n.oid, n.nspname::text from pg_namespace n where n.nspname in ({{ model | literal }}, {{ registry | literal }})
), needing (class, id, sub) as (
  select s.class, s.id, 0 from (
    select 'pg_proc'::regclass::oid, p.oid from pg_proc p join places n on n.id = p.pronamespace
    union all
    select 'pg_class'::regclass::oid, c.oid from pg_class c join places n on n.id = c.relnamespace where c.relkind <> 'i'
    union all
    select 'pg_type'::regclass::oid, t.oid from pg_type t join places n on n.id = t.typnamespace
  ) s (class, id)
  union
  select case when r.ev_class is null then d.classid else 'pg_class'::regclass::oid end, coalesce(r.ev_class, d.objid),
    case when r.ev_class is null then d.objsubid else 0 end
  from needing g
  join pg_depend d on d.refclassid = g.class and d.refobjid = g.id and g.sub in (0, d.refobjsubid) and d.deptype in ('n', 'a', 'i')
  left join pg_rewrite r on d.classid = 'pg_rewrite'::regclass and r.oid = d.objid
), parts as (
  select g.class, g.id, g.sub, i.type, i.schema, i.identity, c.relkind,
    coalesce(x.indrelid, a.adrelid, k.conrelid, t.tgrelid, y.typrelid, case when g.sub > 0 then g.id end, 0) as held,
    f.description, y.typelem
  from needing g
  cross join lateral pg_identify_object(g.class, g.id, g.sub) i
  left join pg_class c on g.class = 'pg_class'::regclass and c.oid = g.id
  left join pg_index x on g.class = 'pg_class'::regclass and x.indexrelid = g.id
  left join pg_attrdef a on g.class = 'pg_attrdef'::regclass and a.oid = g.id
  left join pg_constraint k on g.class = 'pg_constraint'::regclass and k.oid = g.id
  left join pg_trigger t on g.class = 'pg_trigger'::regclass and t.oid = g.id
  left join pg_type y on g.class = 'pg_type'::regclass and y.oid = g.id
  left join pg_description f on f.objoid = g.id and f.classoid = g.class and f.objsubid = 0 and g.class = 'pg_proc'::regclass
)
select p.class::bigint, p.id::bigint, p.sub, p.type, p.identity, p.held::bigint,
  coalesce(p.schema = {{ registry | literal }} or position({{ registry | literal }} || '.' in p.identity) > 0
    or p.schema = {{ model | literal }} and (p.description like 'export-model %'
      or p.relkind = 'c' and p.identity ~ '[."](outputs_[0-9a-f]{8}|stacked_row)"?$'
      or p.relkind = 'r' and p.identity ~ '[."]weights_[0-9a-f]{12}"?$'), false),
  p.schema
from parts p
where coalesce(p.typelem, 0) = 0 and coalesce(p.schema <> 'pg_toast', true)
order by p.type, p.identity
