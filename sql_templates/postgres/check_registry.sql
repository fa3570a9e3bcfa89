{# A script without the registry's part: it must be there as this program makes it.
   variables: those of missing_parts; hint, what to do #}
do {% set source %}

declare
  l_missing text;
begin
  select string_agg(m.what, ', ' order by m.what) into l_missing from (
{% include 'missing_parts.sql' %}

  ) m;
  if l_missing is not null then
    raise exception 'the registry is not there as this export-model makes it'
      using detail = left(l_missing, 500), hint = {{ hint | literal }};
  end if;
end
{% endset %}{{ source | body }}
