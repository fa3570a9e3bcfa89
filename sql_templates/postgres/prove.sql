{# The deployment proves itself: any sample that differs ends the transaction.
   variables: model; function, its verify #}
do {% set source %}

declare
  l_worst record;
begin
  select v.* into l_worst from {{ model | ident }}.{{ function | ident }}() v order by v.ok, v.difference desc limit 1;
  if not found then
    raise exception 'no sample of model "%" could be scored', {{ model | literal }};
  end if;
  if not l_worst.ok then
    raise exception 'sample %, output "%": the database scores %, expected %',
      l_worst.sample, l_worst.output, l_worst.actual, l_worst.expected
      using errcode = 'data_exception',
        detail = format('They differ by %s, the tolerance is %s (%s).', l_worst.difference, l_worst.tolerance, l_worst.form),
        hint = 'Nothing was deployed. ' || {% include 'prove_hint.sql' %};
  end if;
end
{% endset %}{{ source | body }}
