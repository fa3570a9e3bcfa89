{# More numbers of an array, unless they are there.
   variables: table, type of an array, column, key, the SQL of the row's condition; first, how many numbers come before;
   arrays, the SQL of the numbers in pieces #}
declare
  l_data {{ type }};
  procedure append(p_numbers in {{ type }}) is
    l_first constant pls_integer := l_data.count;
  begin
    l_data.extend(p_numbers.count);
    for i in 1 .. p_numbers.count loop
      l_data(l_first + i) := p_numbers(i);
    end loop;
  end append;
begin
  select {{ column }} into l_data from {{ table }} where {{ key }};
  if l_data.count = {{ first | number }} then
{% for array in arrays %}
    append({{ array }});
{% endfor %}
    update {{ table }} set {{ column }} = l_data where {{ key }};
  end if;
end;
