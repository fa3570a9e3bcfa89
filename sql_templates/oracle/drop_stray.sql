{# Removes a synonym that stands for no version of its model, where there is one.
   variables: synonym, as the dictionary spells it #}
declare
  l_found pls_integer;
begin
  select count(*) into l_found from user_synonyms where synonym_name = {{ synonym | literal }};
  if l_found > 0 then
    execute immediate 'drop synonym "' || {{ synonym | literal }} || '"';
  end if;
end;
