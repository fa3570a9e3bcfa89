{# One input or expected output of a sample row, or its first numbers, where it is absent.
   variables: version, sample, is_output, port, name; data, the SQL of an array #}
declare
  l_found pls_integer;
  l_data utl_nla_array_flt;
begin
  select count(*) into l_found from export_model_samples
    where version = {{ version | literal }} and sample = {{ sample | number }}
      and is_output = {{ is_output | number }} and port = {{ port | number }};
  if l_found = 0 then
    l_data := {{ data }};
    insert into export_model_samples (version, sample, is_output, port, name, numbers)
    values ({{ version | literal }}, {{ sample | number }}, {{ is_output | number }},
      {{ port | number }}, {{ name | literal }}, l_data);
  end if;
end;
