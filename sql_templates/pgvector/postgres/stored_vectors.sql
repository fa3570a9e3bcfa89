{# One version's weights in a table that only its owner may read, and what reads a vector of it. It is immutable, for a version's weights never
   change: the planner puts what it gives into the plans of the network's function, which a session makes once. A row that is
   not there to be seen is an error, which no plan keeps. The table's comment tells what was in it, for who looks for damage.
   variables: model; table; place, both with a point between them, SQL; vectors, as texts; pieces, of
   bytes, at places below 0; function, its name; returns, an SQL type; schema_of_vector, what stands
   for the name of the extension's schema #}
{% set creation %}
create table {{ place }} (place integer primary key, vector {{ returns }}, bytes bytea)
{% endset %}
{% set insertion %}
insert into {{ place }} (place, vector)
  select v.n, v.v::{{ returns }} from unnest({{ vectors | texts }}) with ordinality as v (v, n)
{% endset %}
{% set statement %}
create or replace function {{ model | ident }}.{{ function | ident }}(p_place integer)
returns {{ returns }}
language plpgsql immutable strict parallel safe
as {% set source %}

declare
  l_vector constant {{ returns }} := (
    select w.vector from {{ place }} w where w.place operator(pg_catalog.=) p_place);
begin
  if l_vector is null then
    raise exception 'the weights of model "%" are not there for this transaction', {{ model | literal }};
  end if;
  return l_vector;
end
{% endset %}{{ source | body }}
{% endset %}
do {% set source %}

declare
  l_schema constant text := (
    select quote_ident(n.nspname) from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = 'vector');
  l_is_ours boolean;
  l_columns text[];
  l_grantee text;
begin
  select c.relkind = 'r' and not (c.relhastriggers or c.relhasrules or c.relrowsecurity)
      and (c.relowner in (n.nspowner, r.oid) or o.rolsuper),
      array(select a.attname || ' ' || t.typname from pg_attribute a join pg_type t on t.oid = a.atttypid where a.attrelid = c.oid
        and a.attnum > 0 and not a.attisdropped order by a.attnum)
    into l_is_ours, l_columns
    from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_roles o on o.oid = c.relowner
      join pg_roles r on r.rolname = current_user
    where n.nspname = {{ model | literal }} and c.relname = {{ table | literal }};
  if l_is_ours and l_columns = array['place int4', 'bytes bytea'] then  -- the extension was dropped, and took a column along
    drop table {{ place }};
    l_is_ours := null;
  elsif l_is_ours then
    l_is_ours := l_columns = array['place int4', 'vector vector', 'bytes bytea'];
  end if;
  if l_is_ours is null then
    execute replace({{ creation | body }}, {{ schema_of_vector | literal }}, l_schema);
  elsif not l_is_ours then
    raise exception 'table % is not as export-model makes it', {{ place | literal }}
      using hint = 'Look at what somebody did to it, then run: drop table ' || {{ place | literal }} || ';';
  end if;
  for l_grantee in  -- what default privileges gave
    select distinct case a.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(a.grantee)) end
    from pg_class c join pg_namespace n on n.oid = c.relnamespace, aclexplode(c.relacl) a
    where n.nspname = {{ model | literal }} and c.relname = {{ table | literal }} and a.grantee <> c.relowner
  loop
    execute 'revoke all on table ' || {{ place | literal }} || ' from ' || l_grantee || ' cascade';
  end loop;
  delete from {{ place }};
  execute replace({{ insertion | body }}, {{ schema_of_vector | literal }}, l_schema);
{% for piece in pieces %}
  insert into {{ place }} (place, bytes) values ({{ loop.index | number }} * -1, {{ piece | binary }});
{% endfor %}
  execute 'comment on table ' || {{ place | literal }} || ' is ' || quote_literal('export-model: weights, md5 ' || (
    {% include 'stored_digest.sql' %}));
  execute replace({{ statement | body }}, {{ schema_of_vector | literal }}, l_schema);
end
{% endset %}{{ source | body }}
