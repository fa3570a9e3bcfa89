{# Score, or label, what array_agg(key) and string_agg(pack(...), '') gathered by one version, and give the keys back. With is_kept it
   is what score_batch calls, and p_kept which version the statement keeps, see kept; else it is score_batch itself.
   variables: model; is_kept, version; function, its name; column, score or label; target, the
   versioned function; wanted, what it is asked for; results, SQL that makes an array of what l_result holds; returns, an SQL type #}
create or replace function {{ model | ident }}.{{ function | ident }}(keys anyarray, rows bytea{% if is_kept %}, p_kept text{% endif %})
returns table (key anyelement, {{ column | ident }} {{ returns }})
language plpgsql stable strict parallel safe
set array_nulls = on
as {% set source %}

#variable_conflict use_column
declare
  l_result record;
{% if is_kept %}
  l_digits pg_catalog.text;
{% endif %}
begin
{% if is_kept %}
  if p_kept operator(pg_catalog.<>) '' then
    l_digits := export_model.kept_digits({{ version[:12] | literal }}, p_kept);
    if l_digits operator(pg_catalog.<>) {{ version[:12] | literal }} then
      return query execute pg_catalog.format('select b.key, b.%I from %I.%I($1, $2, '''') b', {{ column | literal }}, {{ model | literal }}, {{ (column ~ "_batch_") | literal }} operator(pg_catalog.||) l_digits)
        using keys, rows;
      return;
    end if;
  end if;
{% endif %}
  if pg_catalog.array_ndims(keys) operator(pg_catalog.>) 1 then
    raise exception 'keys have % dimensions; give one key for each row', pg_catalog.array_ndims(keys)
      using errcode = 'array_subscript_error';
  end if;
  select r.scores, r.labels, r.place, r.problem into l_result
    from {{ model | ident }}.{{ target | ident }}(rows, pg_catalog.cardinality(keys), {{ wanted | literal }}) r;
  if l_result.problem is not null then
    raise exception 'key %: %', 
      coalesce(keys[pg_catalog.array_lower(keys, 1) operator(pg_catalog.+) l_result.place]::pg_catalog.text, 'NULL'), l_result.problem
      using errcode = 'invalid_parameter_value';
  end if;
  return query select pg_catalog.unnest(keys), pg_catalog.unnest({{ results }})::{{ returns }};
end
{% endset %}{{ source | body }}
