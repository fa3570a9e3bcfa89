{# Creates a table of the registry where it is absent.
   variables: table, as the dictionary spells it; ddl, the statement that creates it #}
declare
  l_found pls_integer;
begin
  select count(*) into l_found from user_tables where table_name = {{ table | literal }};
  if l_found = 0 then
    execute immediate {{ ddl | program }};
  end if;
end;
