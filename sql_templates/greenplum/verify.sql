{# Score the stored samples on every segment and on the coordinator (segment -1), row by row and as one batch, and compare with the
   expected outputs. difference is the largest |score - expected| / max(1, |expected|).
   variables: model, version; function, its name; ending, that of functions of an alias; target, the versioned score function; inputs, each with number, column of samples, type of an element, and message,
   the SQL that makes bytes of i, the row of samples; outputs, each with number, name and numbers, the SQL
   that makes an array of scored.result; packed_given, a row of a batch made of l_given_0 and so on, SQL;
   numbers_type, SQL of the type of those arrays; tolerance; returns, an SQL type; window_rows and forecast as for verify of postgres, scored
   as whole sources, as segment -1 #}
create or replace function {{ model | ident }}.{{ function | ident }}()
returns table (segment integer, sample integer, output text, expected {{ numbers_type }}, actual {{ numbers_type }},
               difference double precision, tolerance double precision, ok boolean)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as {% set source %}

declare
  l_samples integer[];
  l_sample integer;
{% for input in inputs %}
  l_input_{{ input.number | number }} bytea;
  l_given_{{ input.number | number }} {{ input.type }}[];
{% endfor %}
  l_keys integer[] := '{}';
  l_packed bytea[] := '{}';
  l_rows bytea;
  l_result {{ returns }};
{% if window_rows %}
  l_window record;
  l_seen integer[] := '{}';
{% endif %}
begin
  -- Who may not is told so in a line, where the query below would follow as its context. found is false until then.
  if has_table_privilege('export_model.samples', 'select') then
    perform from export_model.samples x where x.version = {{ version | literal }};
  end if;
  if not found then
    raise exception 'role "%" may not read the sample rows of model "%", or they are gone', current_user, {{ model | literal }}
      using errcode = 'insufficient_privilege', hint = 'Its owner, or a superuser, verifies it. To score takes no such right.';
  end if;

  return query
  with scored as (
    select gp_execution_segment() as segment, i_0.sample,
      {{ model | ident }}.{{ target | ident }}({% for input in inputs %}i_{{ input.number | number }}.message{% if not loop.last %}, {% endif %}{% endfor %}) as result
    from gp_dist_random('gp_id') g
{% for input in inputs %}
    join (select i.sample, {{ input.message }} as message from export_model.samples i
          where i.version = {{ version | literal }} and not i.is_output and i.port = {{ input.number | number }}) i_{{ input.number | number }}
      on {% if loop.first %}true{% else %}i_{{ input.number | number }}.sample = i_0.sample{% endif %}

{% endfor %}
  ), compared as (
    select scored.segment, e.sample, e.port, e.name, coalesce(e.numbers::{{ numbers_type }}, e.texts::{{ numbers_type }}) as wanted, case e.port
{% for output in outputs %}
        when {{ output.number | number }} then {{ output.numbers }}
{% endfor %}
      end as got
    from scored join export_model.samples e
      on e.version = {{ version | literal }} and e.is_output and e.sample = scored.sample
  )
  select c.segment, c.sample, c.name, c.wanted, c.got, {{ model | ident }}.difference(c.wanted, c.got),
    {{ tolerance | number }}::double precision,
    coalesce({{ model | ident }}.difference(c.wanted, c.got) <= {{ tolerance | number }}::double precision, false)
  from compared c order by c.segment, c.sample, c.port;

  select array_agg(distinct x.sample) into l_samples from export_model.samples x
    where x.version = {{ version | literal }};
  foreach l_sample in array l_samples loop
{% for input in inputs %}
    select {{ input.message }}, i.{{ input.column }} into strict l_input_{{ input.number | number }}, l_given_{{ input.number | number }}
      from export_model.samples i
      where i.version = {{ version | literal }} and i.sample = l_sample and not i.is_output
        and i.port = {{ input.number | number }};
{% endfor %}
    l_result := {{ model | ident }}.{{ target | ident }}({% for input in inputs %}l_input_{{ input.number | number }}{% if not loop.last %}, {% endif %}{% endfor %});
    return query
    with compared as (
      select e.port, e.name, coalesce(e.numbers::{{ numbers_type }}, e.texts::{{ numbers_type }}) as wanted, case e.port
{% for output in outputs %}
          when {{ output.number | number }} then {{ output.numbers }}
{% endfor %}
        end as got
      from export_model.samples e, (select l_result as result) scored
      where e.version = {{ version | literal }} and e.is_output and e.sample = l_sample
    )
    select -1, l_sample, c.name, c.wanted, c.got, {{ model | ident }}.difference(c.wanted, c.got),
      {{ tolerance | number }}::double precision,
      coalesce({{ model | ident }}.difference(c.wanted, c.got) <= {{ tolerance | number }}::double precision, false)
    from compared c order by c.port;
    l_keys := l_keys || l_sample;
    l_packed := l_packed || {{ packed_given }};
  end loop;

  l_rows := (select string_agg(p, ''::bytea) from unnest(l_packed) p);
  return query
  with scored as (
    select b.key as sample, b.score as result, -1 as segment
    from {{ model | ident }}.{{ ("score_batch" ~ ending) | ident }}(l_keys, l_rows) b
    union all
    select (s.b).key, (s.b).score, s.segment
    from (select {{ model | ident }}.{{ ("score_batch" ~ ending) | ident }}(l_keys, l_rows) as b, gp_execution_segment() as segment from gp_dist_random('gp_id')) s
  ), compared as (
    select c.content::integer as segment, e.sample, e.port, e.name, coalesce(e.numbers::{{ numbers_type }}, e.texts::{{ numbers_type }}) as wanted, case e.port
{% for output in outputs %}
        when {{ output.number | number }} then {{ output.numbers }}
{% endfor %}
      end as got
    from gp_segment_configuration c cross join export_model.samples e
    left join scored on scored.sample = e.sample and scored.segment = c.content
    where c.role = 'p' and e.version = {{ version | literal }} and e.is_output
  )
  select c.segment, c.sample, c.name, c.wanted, c.got, {{ model | ident }}.difference(c.wanted, c.got),
    {{ tolerance | number }}::double precision,
    coalesce({{ model | ident }}.difference(c.wanted, c.got) <= {{ tolerance | number }}::double precision, false)
  from compared c order by c.segment, c.sample, c.port;
{% if window_rows %}

  for l_window in
    select t.key::integer as sample, t.score as result
    from {{ model | ident }}.{{ ("score_windows" ~ ending) | ident }}({{ window_rows.query | literal }}, {{ window_rows.key | literal }},
      {{ window_rows.series | literal }}, {{ window_rows.place | literal }}, step => 1) t
{% if forecast %}
    union all
    select f.series::integer, {{ forecast.score }}
    from {{ model | ident }}.{{ ("forecast" ~ ending) | ident }}({{ window_rows.query | literal }}, {{ window_rows.series | literal }},
      {{ window_rows.place | literal }}, 1, {% if forecast.ahead %}{{ forecast.ahead | literal }}{% else %}null{% endif %}) f
{% endif %}
  loop
    l_result := l_window.result;
    return query
    with compared as (
      select e.port, e.name, coalesce(e.numbers::{{ numbers_type }}, e.texts::{{ numbers_type }}) as wanted, case e.port
{% for output in outputs %}
          when {{ output.number | number }} then {{ output.numbers }}
{% endfor %}
        end as got
      from export_model.samples e, (select l_result as result) scored
      where e.version = {{ version | literal }} and e.is_output and e.sample = l_window.sample
    )
    select -1, l_window.sample, c.name, c.wanted, c.got, {{ model | ident }}.difference(c.wanted, c.got),
      {{ tolerance | number }}::double precision,
      coalesce({{ model | ident }}.difference(c.wanted, c.got) <= {{ tolerance | number }}::double precision, false)
    from compared c order by c.port;
    l_seen := l_seen || l_window.sample;
  end loop;
  return query
  select -1, e.sample, e.name, coalesce(e.numbers::{{ numbers_type }}, e.texts::{{ numbers_type }}), null::{{ numbers_type }},
    'Infinity'::double precision, {{ tolerance | number }}::double precision, false
  from export_model.samples e
  where e.version = {{ version | literal }} and e.is_output
    and (select count(*) from unnest(l_seen) s where s = e.sample) < {{ (2 if forecast else 1) | number }};
{% endif %}
end
{% endset %}{{ source | body }}
