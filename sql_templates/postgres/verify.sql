{# Score the stored samples by each form that users call, and compare with the expected outputs. difference is the largest
   |score - expected| / max(1, |expected|); a label must be the same in each form.
   variables: model, version; function, its name; ending, that of functions of an alias; inputs, each with number, argument (its name) and column of samples; forms, each with
   name, suffix of the function and arguments; packed, a row of a batch, SQL; outputs, each with number, name and numbers, the SQL that makes an array of it;
   numbers_type, SQL of the type of those arrays; tolerance; methods, score and label; table_query, which gives score_table the samples, and key, its key column; has_batches, has_tables; window_rows,
   None or query, key, series and place: the rows of samples that are windows, and the names of their columns; forecast, None or
   ahead and score, how their next rows are forecast, and are scores again; with it there is no label #}
create or replace function {{ model | ident }}.{{ function | ident }}()
returns table (sample integer, output text, expected {{ numbers_type }}, actual {{ numbers_type }},
               difference double precision, tolerance double precision, ok boolean, form text)
language plpgsql stable
set search_path = pg_catalog, pg_temp
set jit = off
as {% set source %}

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
  with given as (
    select s.sample{% for input in inputs %},
      (select i.{{ input.column }} from export_model.samples i where i.version = {{ version | literal }} and i.sample = s.sample
         and not i.is_output and i.port = {{ input.number | number }}) as {{ input.argument }}{% endfor %}

    from (select distinct x.sample from export_model.samples x where x.version = {{ version | literal }}) s
  ){% if has_batches %}, packed as (
    select array_agg(g.sample order by g.sample) as keys, string_agg({{ packed }}, ''::bytea order by g.sample) as rows from given g
  ){% endif %}{% for method in methods %}, {{ method }} as (
{% for form in forms %}
    select {{ (method ~ " " ~ form.name) | literal }} as form, g.sample, {{ model | ident }}.{{ (method ~ form.suffix) | ident }}({{ form.arguments | comma }}) as result from given g
{% if not loop.last %}
    union all
{% endif %}
{% endfor %}
{% if has_batches %}
    union all
    select {{ (method ~ "_batch") | literal }}, b.key, b.{{ method }} from packed p, {{ model | ident }}.{{ (method ~ "_batch" ~ ending) | ident }}(p.keys, p.rows) b
{% endif %}
{% if has_tables %}
    union all
    select {{ (method ~ "_table") | literal }}, t.key::integer, t.{{ method }}
    from {{ model | ident }}.{{ (method ~ "_table" ~ ending) | ident }}({{ table_query | literal }}, {{ key | literal }}) t
{% endif %}
{% if window_rows %}
    union all
    select {{ (method ~ "_windows") | literal }}, t.key::integer, t.{{ method }}
    from {{ model | ident }}.{{ (method ~ "_windows" ~ ending) | ident }}({{ window_rows.query | literal }}, {{ window_rows.key | literal }},
      {{ window_rows.series | literal }}, {{ window_rows.place | literal }}, step => 1) t
{% endif %}
{% if forecast %}
    union all
    select 'forecast', f.series::integer, {{ forecast.score }}
    from {{ model | ident }}.{{ ("forecast" ~ ending) | ident }}({{ window_rows.query | literal }}, {{ window_rows.series | literal }},
      {{ window_rows.place | literal }}, 1, {% if forecast.ahead %}{{ forecast.ahead | literal }}{% else %}null{% endif %}) f
{% endif %}
  ){% endfor %}, outputs as (
{% for output in outputs %}
    select scored.form, scored.sample, {{ output.number | number }} as port, {{ output.numbers }} as actual
    from score scored{% if not loop.last %} union all{% endif %}

{% endfor %}
  ), compared as (
    select f.form, e.sample, e.port, e.name, e.expected, o.actual,
      (select max(case when x.e = x.a then 0::double precision
                       else coalesce(abs(x.a - x.e) / greatest(1, abs(x.e)), 'Infinity') end)
       from unnest(e.expected::double precision[], o.actual::double precision[]) as x(e, a)) as difference
    from (select x.sample, x.port, x.name, coalesce(x.numbers::{{ numbers_type }}, x.texts::{{ numbers_type }}) as expected
          from export_model.samples x where x.version = {{ version | literal }} and x.is_output) e
    cross join (select distinct a.form from score a) f
    left join outputs o on o.sample = e.sample and o.port = e.port and o.form = f.form
{% if methods | length > 1 %}
    union all
    select b.form, b.sample, {{ outputs | length | number }}, 'label', null, null,
      case when a.result is not distinct from b.result then 0 else 'Infinity'::double precision end
    from label a join label b on b.sample = a.sample where a.form = {{ ("label " ~ forms[0].name) | literal }} and b.form <> a.form
{% endif %}
  )
  select c.sample, c.name, c.expected, c.actual, c.difference, {{ tolerance | number }}::double precision,
    coalesce(c.difference <= {{ tolerance | number }}::double precision, false), c.form
  from compared c order by c.sample, c.port, c.form;
end
{% endset %}{{ source | body }}
