{# The role whose members deploy. Its rights on rows are those that policies leave; on the journal, to add what was
   done, while who did it, and when, is the server's word.
   variables: group, its name; functions, what its members' models and deployments call, with argument types #}
do {% set source %}

begin
  if not exists (select from pg_roles where rolname = {{ group | literal }}) then
    create role {{ group | ident }} nologin;
  end if;
  grant select, insert, update, delete on export_model.models, export_model.versions, export_model.tensors, export_model.chunks,
    export_model.samples, export_model.objects, export_model.aliases, export_model.grants to {{ group | ident }};
  grant select on export_model.journal to {{ group | ident }};
  revoke insert on export_model.journal from {{ group | ident }};
  grant insert (model, action, alias, from_version, to_version, from_number, to_number, because) on export_model.journal
    to {{ group | ident }};
  grant execute on function {{ functions | comma }} to {{ group | ident }};
end
{% endset %}{{ source | body }}
