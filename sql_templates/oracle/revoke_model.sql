{# Takes the right to score from these, on every version of a model that they hold it on.
   variables: model; grantees, as the dictionary spells them #}
begin
  for r in (select distinct p.table_name, p.grantee from export_model_versions v, user_tab_privs p
            where v.model = {{ model | literal }} and p.owner = user and p.grantor = user
              and p.table_name = v.package_name and p.privilege = 'EXECUTE'
              and p.grantee in (
{% for grantee in grantees %}
                {{ grantee | literal }}{% if not loop.last %},{% endif %}

{% endfor %}
              )
            order by p.table_name, p.grantee) loop
    execute immediate 'revoke execute on "' || r.table_name || '" from '
      || case when r.grantee = 'PUBLIC' then 'public' else '"' || r.grantee || '"' end;
  end loop;
end;
