{# How many rights there are on versions that neither the model's synonym nor one of an alias stands for; revoke_grants takes
   them away. variables: model; package, of the version that scores now, as the dictionary spells it #}
select count(*) from export_model_versions v, user_tab_privs p
where v.model = {{ model | literal }} and v.package_name <> {{ package | literal }}
  and p.owner = user and p.grantor = user and p.table_name = v.package_name and p.privilege = 'EXECUTE'
  and not exists (select null from export_model_aliases a, user_synonyms s
                  where a.model = v.model and s.synonym_name = a.synonym_name
                    and s.table_owner = user and s.table_name = v.package_name)
