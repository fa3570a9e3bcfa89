{# A query of what the registry lacks to be as this program makes it: (what). No row: only the model's own part has to run.
   variables: made, the registry's functions, each with identity and digest of the statement; program; schemas, the registry's alone;
   registry_format, its comment; tables; has_policies, whether its tables have policies; functions, what deployers call; wrapper, the foreign data wrapper whose servers
   they make, empty where they need none, and languages, in which they make functions #}
with there as (
{% include 'functions.sql' %}

)
select 'function ' || w.identity as what from (values
{% for function in made %}
  ({{ function.identity | literal }}, {{ function.digest | literal }}){% if not loop.last %},{% endif %}

{% endfor %}
) as w (identity, digest)
left join there f on f.function = replace(w.identity, '"', '') and f.signed = f.state and f.statement = w.digest and f.program = {{ program | literal }}
where f.id is null
union all
select 'function ' || f.function from there f where f.signed <> f.state
union all
select 'table ' || t from unnest({{ tables | texts }}) t where to_regclass('export_model.' || t) is null
union all
select 'format' where not exists (
  select from pg_namespace n where n.nspname = 'export_model' and obj_description(n.oid, 'pg_namespace') = {{ registry_format | literal }}
    and has_schema_privilege('public', n.oid, 'usage'))
{% if has_policies %}
union all
select 'policy of ' || q.id::regclass from (
{% include 'policies.sql' %}

) q where not q.is_made
union all
select 'rights of ' || quote_ident(r.rolname) from (
{% include 'deployers.sql' %}

) d join pg_roles r on r.oid = d.id
where exists (select from unnest({{ functions | texts }}) x where not coalesce(has_function_privilege(d.id, to_regprocedure(x), 'execute'), true))
{% if wrapper %}
  or exists (select from unnest({{ languages | texts }}) l where not has_language_privilege(d.id, l, 'usage'))
  or exists (select from pg_foreign_data_wrapper w
    where w.fdwname = {{ wrapper | literal }} and not has_foreign_data_wrapper_privilege(d.id, w.oid, 'usage'))
union all
select 'foreign data wrapper ' || {{ wrapper | literal }} where not exists (select from pg_foreign_data_wrapper where fdwname = {{ wrapper | literal }})
{% endif %}
{% endif %}
