{# Removes installed runtimes that no package of a model refers to; one that cannot be told, or not be removed, stays. The
   synonym and package of nn_runtime go last: a run that ended before continues.
   variables: kept, the NN_RUNTIME that stays in any case, as the dictionary spells it, or none; is_asked: what stays is an error;
   missing, its code #}
declare
  l_needed number;
  l_may pls_integer;
  ex_unreadable exception;
  pragma exception_init(ex_unreadable, -942);
  procedure remove(p_owner varchar2, p_package varchar2) is
    l_found pls_integer;
  begin
    select count(*) into l_found from all_objects
      where owner = p_owner and object_name = p_package and object_type = 'PACKAGE';
    if l_found > 0 then
      execute immediate 'drop package "' || p_owner || '"."' || p_package || '"';
    end if;
    select count(*) into l_found from all_synonyms
      where owner = 'PUBLIC' and synonym_name = p_package and table_owner = p_owner;
    if l_found > 0 then
      execute immediate 'drop public synonym "' || p_package || '"';
    end if;
  end remove;
begin
  for r in (select synonym_name, table_owner, substr(synonym_name, 12) suffix from all_synonyms
            where owner = 'PUBLIC' and table_name = synonym_name
              and substr(synonym_name, 1, 11) = 'NN_RUNTIME_' and length(synonym_name) = 19
{% if kept %}
              and synonym_name <> {{ kept | literal }}
{% endif %}
            order by synonym_name) loop
    begin
      execute immediate 'select count(*) from sys.dba_dependencies d where d.referenced_owner = :1'
        || ' and d.referenced_name in (''NN_RUNTIME_'' || :2, ''NN_DOUBLE_'' || :3, ''NN_TABLES_'' || :4, ''NN_TREES_'' || :5)'
        || ' and d."TYPE" <> ''SYNONYM'' and not (d.owner = :6 and d.name in (''NN_RUNTIME_'' || :7, ''NN_DOUBLE_'' || :8,'
        || ' ''NN_TABLES_'' || :9, ''NN_TREES_'' || :10))'
        into l_needed using r.table_owner, r.suffix, r.suffix, r.suffix, r.suffix,
          r.table_owner, r.suffix, r.suffix, r.suffix, r.suffix;
    exception
      when ex_unreadable then
        l_needed := null;
    end;
    select count(*) into l_may from session_privs where privilege = 'DROP PUBLIC SYNONYM';
    if l_may > 0 and r.table_owner <> user then
      select count(*) into l_may from session_privs where privilege = 'DROP ANY PROCEDURE';
    end if;
    if l_needed = 0 and l_may > 0 then
      remove(r.table_owner, 'NN_TREES_' || r.suffix);
      remove(r.table_owner, 'NN_TABLES_' || r.suffix);
      remove(r.table_owner, 'NN_DOUBLE_' || r.suffix);
      remove(r.table_owner, r.synonym_name);
{% if is_asked %}
    elsif l_may = 0 then
      raise_application_error({{ missing | number }}, 'user ' || user || ' may not remove '
        || r.table_owner || '.' || r.synonym_name || '; let a DBA uninstall, who has drop public synonym'
        || ' and drop any procedure');
    else
      raise_application_error({{ missing | number }}, 'packages need ' || r.table_owner || '.' || r.synonym_name
        || ', or this user may not see which: sys.dba_dependencies tells; let a DBA uninstall');
{% endif %}
    end if;
  end loop;
end;
