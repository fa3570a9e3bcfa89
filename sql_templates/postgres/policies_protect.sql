{# Who deploys sees and changes rows of his own models alone. What is so already is left, because it takes a lock that waits for all who read.
   variables: none #}
do {% set source %}

declare
  l_table record;
  l_policy name;
begin
  for l_table in
    select q.id::regclass as name, q.condition, q.added, q.is_on from (
{% include 'policies.sql' %}

    ) q where not q.is_made
  loop
    for l_policy in select p.polname from pg_policy p where p.polrelid = l_table.name loop
      execute format('drop policy %I on %s', l_policy, l_table.name);
    end loop;
    execute format('create policy own_rows on %s using (%s)', l_table.name, l_table.condition)
      || coalesce(' with check (' || l_table.added || ')', '');
    if not l_table.is_on then
      execute format('alter table %s enable row level security', l_table.name);
    end if;
  end loop;
end
{% endset %}{{ source | body }}
