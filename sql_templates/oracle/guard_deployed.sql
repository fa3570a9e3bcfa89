{# Raises when the model's synonym stands on this very version already: nothing is left to do.
   variables: model, version; synonym and package, as the dictionary spells them; code, of the error #}
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
  if l_found = 1 then
    raise_application_error({{ code | number }}, 'model ' || {{ model | literal }}
      || ', version ' || {{ version | literal }} || ': deployed already, nothing to do');
  end if;
end;
