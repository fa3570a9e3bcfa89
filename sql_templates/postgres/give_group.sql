{# The role whose members deploy. Its rights on rows are those that policies leave; on the journal, to add to it.
   variables: group, its name; functions, what its members' models and deployments call, with argument types #}
do {% set source %}

begin
  if not exists (select from pg_roles where rolname = {{ group | literal }}) then
    create role {{ group | ident }} nologin;
  end if;
  grant select, insert, update, delete on export_model.models, export_model.versions, export_model.tensors, export_model.chunks,
    export_model.samples, export_model.objects, export_model.aliases, export_model.grants to {{ group | ident }};
  grant select, insert on export_model.journal to {{ group | ident }};
  grant execute on function {{ functions | comma }} to {{ group | ident }};
end
{% endset %}{{ source | body }}
