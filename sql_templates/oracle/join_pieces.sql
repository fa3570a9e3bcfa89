{# A part of the weights from the pieces that wait for it, where it is absent.
   variables: table; type, of an array of its numbers; version, part, tensor, first_number, size, sum_1, sum_2 #}
declare
  l_found pls_integer;
  l_at pls_integer := 0;
  l_data {{ type }} := {{ type }}();
begin
  select count(*) into l_found from {{ table }}
    where version = {{ version | literal }} and part = {{ part | number }};
  if l_found = 0 then
    l_data.extend({{ size | number }});
    for r in (select data from {{ table }}
              where version = {{ version | literal }} and part < 0 order by part desc) loop
      for i in 1 .. r.data.count loop
        l_data(l_at + i) := r.data(i);
      end loop;
      l_at := l_at + r.data.count;
    end loop;
    insert into {{ table }}
      (version, part, tensor, first_number, numbers, sum_1, sum_2, data)
    values ({{ version | literal }}, {{ part | number }}, {{ tensor | number }},
      {{ first_number | number }}, {{ size | number }}, {{ sum_1 | number }}, {{ sum_2 | number }},
      l_data);
    delete from {{ table }} where version = {{ version | literal }} and part < 0;
    commit;
  end if;
end;
