{# Roles that may score have to be there.
   variables: grantees, their names #}
do {% set source %}

declare
  l_missing text;
begin
  select string_agg(quote_ident(g.name), ', ') into l_missing from unnest({{ grantees | texts }}) g (name)
    where g.name <> 'public' and not exists (select from pg_roles r where r.rolname = g.name);
  if l_missing is not null then
    raise exception 'there is no role %', l_missing using errcode = 'undefined_object', hint = 'Nothing was changed. Create it, or see: \du';
  end if;
end
{% endset %}{{ source | body }}
