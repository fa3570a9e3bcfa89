{# The first key of every range of rows that have no score of this version; what comes before the first
   range is scored already.
   variables: source, key, target #}
select b.k
from (
  select rownum n, o.k
  from (
    select s.{{ key }} k from {{ source }} s
    where s.{{ key }} is not null and not exists (
      select null from {{ target }} x where x.key = s.{{ key }} and x.model_version = :version
    )
    order by s.{{ key }}
  ) o
) b
where mod(b.n - 1, :step) = 0
order by b.k
