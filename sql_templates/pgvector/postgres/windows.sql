{# Score the windows that end in some packed rows; what runs, ends and the state are is told by exporter/engines/statements.py. A window is the last rows that
   there are, those of runs before it in front, which are not given to the network.
   variables: model; function, its name; length, own_step and needed, as integers; width, how many numbers a row has; wrong, text in front
   of how many another has; pad, the number that stands for rows that are not there, or NULL, and is_before, where they stand; score and label of l_given,
   SQL, label NULL where there is none; score_type; returns; schema_of_vector, which is not in it #}
create or replace function {{ model | ident }}.{{ function | ident }}(
  p_rows bytea, p_count integer, p_wanted text, p_starts integer[], p_stored integer[], p_step integer, p_state bytea,
  out scores text, out labels text, out given text, out state bytea, out place integer, out problem text)
language plpgsql immutable parallel safe
set extra_float_digits = 1
as {% set source %}

declare
  l_rows constant pg_catalog.text[] := pg_catalog.string_to_array(pg_catalog.convert_from(p_rows, 'UTF8'), E'\x02');
  l_step constant integer := coalesce(p_step, {{ own_step | number }});
  l_begins constant integer[] := array(
    select distinct u.n from pg_catalog.unnest(pg_catalog.array_append(p_starts, 0)) as u (n) order by u.n);
  l_window double precision[] := pg_catalog.array_fill(0::double precision, array[{{ length | number }} operator(pg_catalog.*) {{ width | number }}]);
  l_seen bigint := 0;
  l_since bigint := -1;
  l_clean bigint := 0;
  l_old pg_catalog.text[];
  l_run integer := 1;
  l_end integer;
  l_ready bigint;
  l_stored integer;
  l_last bigint;
  l_next bigint;
  l_is_known boolean := false;
  l_found integer;
  l_row double precision[];
  l_given double precision[];
  l_score {{ score_type }};
  l_scores pg_catalog.text[] := '{}';
  l_labels pg_catalog.text[] := '{}';
  l_marks pg_catalog.text[] := '{}';
begin
  if p_rows is null or p_count is null or p_wanted is null or p_starts is null or p_stored is null or p_state is null then
    return;
  end if;
  place := 0;
  if pg_catalog.cardinality(l_rows) operator(pg_catalog.<>) (p_count operator(pg_catalog.+) 1) then
    problem := 'not as many rows were packed as keys gathered';
    return;
  elsif l_step operator(pg_catalog.<) 1 then
    problem := 'step is ' operator(pg_catalog.||) l_step operator(pg_catalog.||) '; give 1 or more';
    return;
  elsif l_begins[1] operator(pg_catalog.<) 0 or l_begins[pg_catalog.cardinality(l_begins)] operator(pg_catalog.>) p_count then
    problem := 'a run begins outside of the rows';
    return;
  end if;
  if pg_catalog.octet_length(p_state) operator(pg_catalog.>) 0 then
    l_old := pg_catalog.string_to_array(pg_catalog.convert_from(p_state, 'UTF8'), ' ');
    if pg_catalog.convert_from(p_state, 'UTF8') operator(pg_catalog.!~) '^[0-9]{1,18} (-1|[0-9]{1,18}) [0-9]{1,18} [{][^{}]+[}]$'
        or pg_catalog.cardinality(l_old[4]::double precision[]) operator(pg_catalog.<>) pg_catalog.cardinality(l_window) then
      problem := 'the state is none that this version left behind';
      return;
    end if;
    l_seen := l_old[1]::bigint;
    l_since := l_old[2]::bigint;
    l_clean := l_old[3]::bigint;
    l_window := l_old[4]::double precision[];
  end if;
  for n in 0 .. p_count operator(pg_catalog.-) 1 loop
    if n operator(pg_catalog.=) l_begins[l_run] then
      l_run := l_run operator(pg_catalog.+) 1;
      l_end := coalesce(l_begins[l_run], p_count);
      if n operator(pg_catalog.=) any (p_starts) then
        l_seen := 0;
        l_since := -1;
      end if;
      l_stored := (select pg_catalog.max(u.x) from pg_catalog.unnest(p_stored) as u (x)
        where u.x operator(pg_catalog.>=) n and u.x operator(pg_catalog.<) l_end);
      l_ready := greatest(n::bigint, n::bigint operator(pg_catalog.+) {{ needed | number }}::bigint operator(pg_catalog.-) l_seen operator(pg_catalog.-) 1::bigint);
      l_is_known := l_stored is not null or l_since operator(pg_catalog.>=) 0::bigint;
      l_last := coalesce(l_stored::bigint, case when l_is_known then n::bigint operator(pg_catalog.-) 1::bigint operator(pg_catalog.-) l_since
        else l_ready operator(pg_catalog.-) l_step::bigint end);
      l_next := l_last operator(pg_catalog.+) l_step::bigint;
      if l_next operator(pg_catalog.<) l_ready then
        l_next := l_next operator(pg_catalog.+) (((l_ready operator(pg_catalog.-) l_next operator(pg_catalog.+) l_step::bigint operator(pg_catalog.-) 1::bigint)
          operator(pg_catalog./) l_step::bigint) operator(pg_catalog.*) l_step::bigint);
      end if;
    end if;
    l_clean := l_clean operator(pg_catalog.+) 1::bigint;
    l_row := null;
    if pg_catalog.octet_length(l_rows[n operator(pg_catalog.+) 1]) operator(pg_catalog.>) 0 then
      l_row := l_rows[n operator(pg_catalog.+) 1]::double precision[];
    end if;
    if l_row is not null and pg_catalog.cardinality(l_row) operator(pg_catalog.<>) {{ width | number }} then
      place := n;
      problem := {{ wrong | literal }} operator(pg_catalog.||) pg_catalog.cardinality(l_row);
      return;
    elsif l_row is null or pg_catalog.strpos(l_rows[n operator(pg_catalog.+) 1], 'NULL') operator(pg_catalog.>) 0 then
      l_row := pg_catalog.array_fill(0::double precision, array[{{ width | number }}]);
      l_clean := 0;
    end if;
    if pg_catalog.array_ndims(l_row) operator(pg_catalog.>) 1 then
      l_row := array(select u.x from pg_catalog.unnest(l_row) with ordinality as u (x, o) order by u.o);
    end if;
    l_window := pg_catalog.array_cat(l_window[{{ width | number }} operator(pg_catalog.+) 1 :], l_row);
    l_seen := l_seen operator(pg_catalog.+) 1::bigint;
    if n::bigint operator(pg_catalog.=) l_next then
      l_last := l_next;
      l_next := l_next operator(pg_catalog.+) l_step::bigint;
      l_is_known := true;
      l_found := least(l_seen, {{ length | number }}::bigint)::integer;
      l_given := null;
      l_score := null;
      if l_clean operator(pg_catalog.>=) l_found::bigint then
        l_given := l_window;
{% if pad is not none %}
        if l_found operator(pg_catalog.<) {{ length | number }} then
          l_given := l_window[(({{ length | number }} operator(pg_catalog.-) l_found) operator(pg_catalog.*) {{ width | number }}) operator(pg_catalog.+) 1 :];
          l_row := pg_catalog.array_fill({{ pad | number }}::double precision,
            array[({{ length | number }} operator(pg_catalog.-) l_found) operator(pg_catalog.*) {{ width | number }}]);
{% if is_before %}
          l_given := pg_catalog.array_cat(l_row, l_given);
{% else %}
          l_given := pg_catalog.array_cat(l_given, l_row);
{% endif %}
        end if;
{% endif %}
        l_score := {{ score }};
      end if;
      l_scores := pg_catalog.array_append(l_scores, case when l_given is null then null else l_score::pg_catalog.text end);
{% if label is not none %}
      l_labels := pg_catalog.array_append(l_labels, case when l_given is null then null else {{ label }} end);
{% endif %}
      l_marks := pg_catalog.array_append(l_marks, 't');
    else
      l_marks := pg_catalog.array_append(l_marks, 'f');
    end if;
    if n operator(pg_catalog.=) (l_end operator(pg_catalog.-) 1) and l_is_known then
      l_since := n::bigint operator(pg_catalog.-) l_last;
    end if;
  end loop;
  place := null;
  if p_wanted operator(pg_catalog.<>) 'label' then
    scores := l_scores::pg_catalog.text;
  end if;
{% if label is not none %}
  if p_wanted operator(pg_catalog.<>) 'score' and p_wanted operator(pg_catalog.<>) 'numbers' then
    labels := l_labels::pg_catalog.text;
  end if;
{% endif %}
  if 'f' operator(pg_catalog.=) any (l_marks) then
    given := l_marks::pg_catalog.text;
  end if;
  state := pg_catalog.convert_to(pg_catalog.concat_ws(' ', l_seen, l_since, l_clean, l_window), 'UTF8');
end
{% endset %}{{ source | body }}
