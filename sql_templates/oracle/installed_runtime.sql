{# How many packages of the runtime are installed for this user: named by public synonyms, which only administrators make, with
   a right to execute that is the user's own or PUBLIC's. One that came by a role counts for nothing in stored packages.
   variables: packages, as the dictionary spells them #}
select count(distinct s.synonym_name)
from all_synonyms s, all_tab_privs p
where s.owner = 'PUBLIC' and s.table_name = s.synonym_name and s.synonym_name in (
{% for package in packages %}
    {{ package | literal }}{% if not loop.last %},{% endif %}

{% endfor %}
  )
  and p.table_schema = s.table_owner and p.table_name = s.table_name
  and p.privilege = 'EXECUTE' and p.grantee in (user, 'PUBLIC')
