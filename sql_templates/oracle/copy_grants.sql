{# Who may score with the version that the synonym stands for, and nobody else, may score with the new
   one. variables: synonym, as the dictionary spells it; package, its SQL name, and package_key, as the
   dictionary spells it #}
declare
  l_package varchar2(128);
begin
  for s in (select table_name from user_synonyms
            where synonym_name = {{ synonym | literal }} and table_owner = user) loop
    l_package := s.table_name;
  end loop;
  if l_package <> {{ package_key | literal }} then
    for r in (select grantee from user_tab_privs
              where owner = user and grantor = user and table_name = {{ package_key | literal }}
                and privilege = 'EXECUTE'
              order by grantee) loop
      execute immediate 'revoke execute on ' || {{ package | literal }} || ' from '
        || case when r.grantee = 'PUBLIC' then 'public' else '"' || r.grantee || '"' end;
    end loop;
  end if;
  for r in (select grantee, grantable from user_tab_privs
            where owner = user and table_name = l_package and privilege = 'EXECUTE'
            order by grantee) loop
    execute immediate 'grant execute on ' || {{ package | literal }} || ' to '
      || case when r.grantee = 'PUBLIC' then 'public' else '"' || r.grantee || '"' end
      || case when r.grantable = 'YES' then ' with grant option' end;
  end loop;
end;
