{# The row of a model whose versions are there. Its last number is the highest that a version or the journal has.
   variables: model; synonym, as the dictionary spells it #}
declare
  l_last number(10) := 0;
begin
  for r in (select version_number as n from export_model_versions
              where model = {{ model | literal }} and version_number is not null
            union all select to_number as n from export_model_journal
              where model = {{ model | literal }} and to_number is not null) loop
    l_last := greatest(l_last, r.n);
  end loop;
  insert into export_model_models (name, synonym_name, last_number)
  values ({{ model | literal }}, {{ synonym | literal }}, l_last);
  commit;
end;
