{# Score the stored samples and compare with the expected outputs. difference is the largest
   |score - expected| / max(1, |expected|).
   variables: model, version; target, the versioned score function; inputs, each with number and message,
   the SQL that makes bytes of i, the row of samples;
   outputs, each with number, name and numbers, the SQL that makes an array of it; tolerance #}
create or replace function {{ model | ident }}.verify()
returns table (sample integer, output text, expected real[], actual real[],
               difference double precision, tolerance double precision, ok boolean)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as {% set source %}

begin
  return query
  with scored as (
    select s.sample, {{ model | ident }}.{{ target | ident }}(
{% for input in inputs %}
      (select {{ input.message }} from export_model.samples i
       where i.version = {{ version | literal }} and i.sample = s.sample
         and not i.is_output and i.port = {{ input.number | number }}){% if not loop.last %},{% endif %}

{% endfor %}
    ) as result
    from (select distinct x.sample from export_model.samples x
          where x.version = {{ version | literal }}) s
  ), outputs as (
{% for output in outputs %}
    select scored.sample, {{ output.number | number }} as port, {{ output.numbers }} as actual from scored{% if not loop.last %} union all{% endif %}

{% endfor %}
  ), compared as (
    select e.sample, e.port, e.name, e.numbers as expected, o.actual,
      (select max(case when x.e = x.a then 0::double precision
                       else coalesce(abs(x.a - x.e) / greatest(1, abs(x.e)), 'Infinity') end)
       from unnest(e.numbers::double precision[], o.actual::double precision[]) as x(e, a)) as difference
    from export_model.samples e
    left join outputs o on o.sample = e.sample and o.port = e.port
    where e.version = {{ version | literal }} and e.is_output
  )
  select c.sample, c.name, c.expected, c.actual, c.difference, {{ tolerance | number }}::double precision,
    coalesce(c.difference <= {{ tolerance | number }}::double precision, false)
  from compared c order by c.sample, c.port;
end
{% endset %}{{ source | body }}
