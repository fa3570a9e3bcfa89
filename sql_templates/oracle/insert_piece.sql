{# Numbers of a part that is too large for one block: they wait as a part of a negative number until the
   last has come. Written once here and once when they are joined; an array that grows by pieces would
   be written anew with each.
   variables: table; type, of an array of its numbers; version, part, piece (from 1), tensor; arrays, the SQL of the numbers in pieces #}
declare
  l_found pls_integer;
  l_data {{ type }} := {{ type }}();
  procedure append(p_numbers in {{ type }}) is
    l_first constant pls_integer := l_data.count;
  begin
    l_data.extend(p_numbers.count);
    for i in 1 .. p_numbers.count loop
      l_data(l_first + i) := p_numbers(i);
    end loop;
  end append;
begin
  select count(*) into l_found from {{ table }}
    where version = {{ version | literal }} and part in ({{ part | number }}, {{ (-piece) | number }});
  if l_found = 0 then
{% for array in arrays %}
    append({{ array }});
{% endfor %}
    insert into {{ table }}
      (version, part, tensor, first_number, numbers, sum_1, sum_2, data)
    values ({{ version | literal }}, {{ (-piece) | number }}, {{ tensor | number }}, -1, l_data.count,
      0d, 0d, l_data);
    commit;
  end if;
end;
