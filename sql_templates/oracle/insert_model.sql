{# The model's row, where it is absent.
   variables: model; synonym, as the dictionary spells it #}
declare
  l_found pls_integer;
begin
  select count(*) into l_found from export_model_models where name = {{ model | literal }};
  if l_found = 0 then
    insert into export_model_models (name, synonym_name)
    values ({{ model | literal }}, {{ synonym | literal }});
  end if;
end;
