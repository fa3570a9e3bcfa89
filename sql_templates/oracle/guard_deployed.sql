{# Sets :status to 0 when the model's synonym stands on this very version already, else to 1.
   variables: synonym and package, as the dictionary spells them #}
declare
  l_found pls_integer;
begin
  select count(*) into l_found from user_synonyms
    where synonym_name = {{ synonym | literal }} and table_owner = user
      and table_name = {{ package | literal }};
  if l_found = 1 then
    select count(*) into l_found from user_objects
      where object_name = {{ package | literal }} and object_type = 'PACKAGE BODY'
        and status = 'VALID';
  end if;
  :status := case when l_found = 1 then 0 else 1 end;
end;
