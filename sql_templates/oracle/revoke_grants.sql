{# Nobody calls a version that neither the model's synonym nor one of an alias stands for: what is revoked from those is revoked
   from all.
   variables: model; package, of the version that scores now, as the dictionary spells it #}
begin
  for r in (select p.table_name, p.grantee from export_model_versions v, user_tab_privs p
            where v.model = {{ model | literal }} and v.package_name <> {{ package | literal }}
              and p.owner = user and p.grantor = user and p.table_name = v.package_name
              and p.privilege = 'EXECUTE'
              and not exists (select null from export_model_aliases a, user_synonyms s
                              where a.model = v.model and s.synonym_name = a.synonym_name
                                and s.table_owner = user and s.table_name = v.package_name)
            order by p.table_name, p.grantee) loop
    execute immediate 'revoke execute on "' || r.table_name || '" from '
      || case when r.grantee = 'PUBLIC' then 'public' else '"' || r.grantee || '"' end;
  end loop;
end;
