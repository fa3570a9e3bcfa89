{# Nothing of others runs with the rights of who deploys, and nothing of theirs is reused: see owners.
   variables: schemas, the registry's and the model's; acting_role, SQL that names it #}
do {% set source %}

declare
  l_findings text;
begin
  select string_agg(format(E'%s\n    mend it: %s;', f.finding, f.mend), E'\n' order by f.finding) into l_findings from (
{% include 'owners.sql' %}

  ) f;
  if l_findings is not null then
    raise exception 'the registry or the model is in the hands of others than role "%" and superusers',
        {{ acting_role }}
      using errcode = 'insufficient_privilege', detail = l_findings,
        hint = 'It is neither run nor reused. Look at each; what export-model made, the next deployment makes again.';
  end if;
end
{% endset %}{{ source | body }}
