{# A model's first version is its champion.
   variables: model; synonym, as the dictionary spells it; code, of the error #}
declare
  l_found pls_integer;
begin
  select count(*) into l_found from export_model_versions v, user_synonyms s
    where v.model = {{ model | literal }} and s.synonym_name = {{ synonym | literal }}
      and s.table_owner = user and s.table_name = v.package_name;
  if l_found = 0 then
    raise_application_error({{ code | number }}, 'model ' || {{ model | literal }} || ' is not deployed here:'
      || ' its first version is its champion; deploy it without --no-promote');
  end if;
end;
