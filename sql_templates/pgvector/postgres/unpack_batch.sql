{# Take a batch apart: scores and labels as the texts of arrays.
   variables: model; function, its name; has_labels; returns; schema_of_vector, which is not in it #}
create or replace function {{ model | ident }}.{{ function | ident }}(
  p_rows bytea, p_count integer, p_wanted text,
  out scores text, out labels text, out place integer, out problem text)
language plpgsql immutable strict parallel safe
as {% set source %}

declare
  l_rows constant pg_catalog.text[] := pg_catalog.string_to_array(pg_catalog.convert_from(p_rows, 'UTF8'), E'\x02');
  l_count constant integer := greatest(pg_catalog.cardinality(l_rows) operator(pg_catalog.-) 1, 0);
begin
  if l_count operator(pg_catalog.<>) p_count then
    place := greatest(least(l_count, p_count operator(pg_catalog.-) 1), 0);
    problem := case when l_count operator(pg_catalog.>) p_count then 'more rows were packed than keys gathered'
      else 'fewer rows were packed than keys gathered' end;
    return;
  end if;
  if pg_catalog.strpos(pg_catalog.array_to_string(l_rows, ''), E'\x03') operator(pg_catalog.>) 0 then
    select r.n operator(pg_catalog.-) 1, pg_catalog.substr(r.r, 2) into place, problem
      from pg_catalog.unnest(l_rows) with ordinality as r (r, n)
      where pg_catalog.left(r.r, 1) operator(pg_catalog.=) E'\x03' order by r.n limit 1;
    if problem is not null then
      return;
    end if;
  end if;
  if p_wanted operator(pg_catalog.<>) 'label' then
    select '{' operator(pg_catalog.||) coalesce(pg_catalog.string_agg(
        pg_catalog.substr(s.s, 2, pg_catalog.length(s.s) operator(pg_catalog.-) 2), ',' order by s.n), '') operator(pg_catalog.||) '}'
      into scores from (select pg_catalog.split_part(r.r, E'\x01', 1), r.n
        from pg_catalog.unnest(l_rows[:l_count]) with ordinality as r (r, n)) as s (s, n);
  end if;
{% if has_labels %}
  if p_wanted operator(pg_catalog.<>) 'score' and p_wanted operator(pg_catalog.<>) 'numbers' then
    select '{' operator(pg_catalog.||) coalesce(pg_catalog.string_agg(
        pg_catalog.substr(l.l, 2, pg_catalog.length(l.l) operator(pg_catalog.-) 2), ',' order by l.n), '') operator(pg_catalog.||) '}'
      into labels from (select pg_catalog.split_part(r.r, E'\x01', 2), r.n
        from pg_catalog.unnest(l_rows[:l_count]) with ordinality as r (r, n)) as l (l, n);
  end if;
{% endif %}
end
{% endset %}{{ source | body }}
