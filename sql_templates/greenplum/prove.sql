{# The deployment proves itself: any sample that differs on any segment, or on the coordinator, ends the
   transaction, and so does a place where nothing was scored.
   variables: model; function, its verify #}
do {% set source %}

declare
  l_row record;
  l_worst record;
  l_difference double precision := -1;
  l_seen integer[] := '{}';
  l_missing text;
begin
  for l_row in select v.* from {{ model | ident }}.{{ function | ident }}() v loop
    if l_row.actual is not null then
      l_seen := l_seen || l_row.segment;
    end if;
    if not l_row.ok and coalesce(l_row.difference, 'Infinity') > l_difference then
      l_worst := l_row;
      l_difference := coalesce(l_row.difference, 'Infinity');
    end if;
  end loop;
  select string_agg(c.content::text, ', ' order by c.content) into l_missing
    from gp_segment_configuration c where c.role = 'p' and c.content <> all (l_seen);
  if l_missing is not null then
    raise exception 'no sample of model "%" could be scored on segment %', {{ model | literal }}, l_missing;
  end if;
  if l_difference >= 0 then
    raise exception 'sample %, output "%": % scores %, expected %', l_worst.sample, l_worst.output,
        case when l_worst.segment < 0 then 'the coordinator' else 'segment ' || l_worst.segment end,
        l_worst.actual, l_worst.expected
      using errcode = 'data_exception',
        detail = format('They differ by %s, the tolerance is %s.', l_worst.difference, l_worst.tolerance),
        hint = 'Nothing was deployed. ' || {% include 'prove_hint.sql' %};
  end if;
end
{% endset %}{{ source | body }}
