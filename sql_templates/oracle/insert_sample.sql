{# One input or expected output of a sample row, or its first numbers, where it is absent.
   variables: table; type, of an array of its elements; version, sample, is_output, port, name; data, the SQL of an array #}
declare
  l_found pls_integer;
  l_data {{ type }};
begin
  select count(*) into l_found from {{ table }}
    where version = {{ version | literal }} and sample = {{ sample | number }}
      and is_output = {{ is_output | number }} and port = {{ port | number }};
  if l_found = 0 then
    l_data := {{ data }};
    insert into {{ table }} (version, sample, is_output, port, name, numbers)
    values ({{ version | literal }}, {{ sample | number }}, {{ is_output | number }},
      {{ port | number }}, {{ name | literal }}, l_data);
  end if;
end;
