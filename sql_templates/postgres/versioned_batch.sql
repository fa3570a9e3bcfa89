{# Score, or label, what array_agg(key) and string_agg(pack(...), '') gathered by one version, and give the keys back: what score_batch calls.
   p_kept is which version the statement keeps, see kept.
   variables: model, version; function, its name; column, score or label; target, the
   versioned function; wanted, what it is asked for; results, SQL that makes an array of what l_result holds; returns, an SQL type #}
create or replace function {{ model | ident }}.{{ function | ident }}(keys anyarray, rows bytea, p_kept text)
returns table (key anyelement, {{ column | ident }} {{ returns }})
language plpgsql stable strict parallel safe
set array_nulls = on
as {% set source %}

#variable_conflict use_column
declare
  l_result record;
  l_digits pg_catalog.text;
begin
  if p_kept operator(pg_catalog.<>) '' then
    l_digits := export_model.kept_digits({{ version[:12] | literal }}, p_kept);
    if l_digits operator(pg_catalog.<>) {{ version[:12] | literal }} then
      return query execute pg_catalog.format('select b.key, b.%I from %I.%I($1, $2, '''') b', {{ column | literal }}, {{ model | literal }}, {{ (column ~ "_batch_") | literal }} operator(pg_catalog.||) l_digits)
        using keys, rows;
      return;
    end if;
  end if;
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
