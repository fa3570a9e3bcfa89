{# Removes the model's synonym and those of its aliases, where they stand for one of its packages: from here on nobody scores.
   variables: model #}
declare
  l_found pls_integer;
begin
  for m in (select synonym_name from export_model_aliases where model = {{ model | literal }}
            union all select synonym_name from export_model_models where name = {{ model | literal }}) loop
    for s in (select table_name from user_synonyms
              where synonym_name = m.synonym_name and table_owner = user) loop
      select count(*) into l_found from export_model_versions
        where model = {{ model | literal }} and package_name = s.table_name;
      if l_found > 0 then
        execute immediate 'drop synonym "' || m.synonym_name || '"';
      end if;
    end loop;
  end loop;
end;
