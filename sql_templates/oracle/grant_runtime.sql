{# Lets deployers call the runtime from packages of theirs.
   variables: owner, the schema, or none for the user's own; packages; grantees; all as the dictionary spells them #}
declare
  l_owner varchar2(128) := user;
  procedure allow(p_package varchar2, p_grantee varchar2) is
  begin
    if p_grantee <> l_owner then
      execute immediate 'grant execute on "' || l_owner || '"."' || p_package || '" to '
        || case when p_grantee = 'PUBLIC' then 'public' else '"' || p_grantee || '"' end;
    end if;
  end allow;
begin
{% if owner %}
  l_owner := {{ owner | literal }};
{% endif %}
{% for grantee in grantees %}
{% for package in packages %}
  allow({{ package | literal }}, {{ grantee | literal }});
{% endfor %}
{% endfor %}
end;
