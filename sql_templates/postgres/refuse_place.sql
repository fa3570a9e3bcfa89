{# Say which row has no place of its own in a series: it is in that of another, or in none.
   variables: settings of the function #}
create or replace function export_model.refuse_place(p_key text, p_order text, p_is_tied boolean)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

begin
  if p_is_tied then
    raise exception 'the row with key % has the same % as another of its series', p_key, p_order
      using errcode = 'cardinality_violation', hint = 'Order by a column that tells the rows of a series apart, name'
        ' the column that tells series apart (partition_by), or give a query that leaves one of each.';
  end if;
  raise exception 'the row with key % has no place: what it is ordered or partitioned by is NULL', p_key
    using errcode = 'null_value_not_allowed', hint = 'Leave such rows out by a query: select ... where ... is not null.';
end
{% endset %}{{ source | body }}
