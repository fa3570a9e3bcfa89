{# Public synonyms of the runtime: the packages of models name it without a schema, and only administrators can make a public
   synonym, so that nobody else can put a package of his in its place. One that is there is left, because what depends on it
   would be compiled again.
   variables: owner, the schema, or none for the user's own; packages, in the order in which they are published; all as the
   dictionary spells them #}
declare
  l_owner varchar2(128) := user;
  procedure publish(p_package varchar2) is
    l_found pls_integer;
  begin
    select count(*) into l_found from all_synonyms where owner = 'PUBLIC' and synonym_name = p_package;
    if l_found = 0 then
      execute immediate 'create public synonym "' || p_package || '" for "' || l_owner || '"."' || p_package || '"';
    end if;
  end publish;
begin
{% if owner %}
  l_owner := {{ owner | literal }};
{% endif %}
{% for package in packages %}
  publish({{ package | literal }});
{% endfor %}
end;
