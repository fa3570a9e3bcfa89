{# A script without the runtime's packages needs them installed, or in the user's schema from an earlier deployment.
   variables: packages, as the dictionary spells them; installed, the query that counts those installed; code, of the error #}
declare
  l_installed pls_integer;
  l_own pls_integer;
begin
  execute immediate {{ installed | program }} into l_installed;
  select count(*) into l_own from user_objects
    where object_type = 'PACKAGE BODY' and object_name in (
{% for package in packages %}
      {{ package | literal }}{% if not loop.last %},{% endif %}

{% endfor %}
    );
  if l_installed < {{ packages | length | number }} and l_own < {{ packages | length | number }} then
    raise_application_error({{ code | number }}, 'the runtime {{ packages[0] | remark }} is not installed for '
      || user || '; let a DBA run: export-model install --deployers ' || user
      || ' (of this version of export-model; a right through a role does not do), or leave --without-registry out');
  end if;
end;
