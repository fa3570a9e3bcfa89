{# A part of the weights, or its first numbers, where it is absent.
   variables: table; type, of an array of its numbers; version, part, tensor, first_number, size, sum_1, sum_2; data, the SQL of an array #}
declare
  l_found pls_integer;
  l_data {{ type }};
begin
  select count(*) into l_found from {{ table }}
    where version = {{ version | literal }} and part = {{ part | number }};
  if l_found = 0 then
    l_data := {{ data }};
    insert into {{ table }}
      (version, part, tensor, first_number, numbers, sum_1, sum_2, data)
    values ({{ version | literal }}, {{ part | number }}, {{ tensor | number }},
      {{ first_number | number }}, {{ size | number }}, {{ sum_1 | number }}, {{ sum_2 | number }},
      l_data);
  end if;
end;
