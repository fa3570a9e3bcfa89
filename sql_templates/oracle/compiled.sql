{# Oracle stores a package that does not compile and goes on: this stops. One that was there already
   may only wait for being compiled again.
   variables: owner, the packages' schema, or none for the user's own; packages, their names; both as the dictionary spells
   them; code, of the error #}
declare
  l_owner varchar2(128) := user;
  l_valid pls_integer;
  l_errors varchar2(2000);
  ex_not_compiled exception;
  pragma exception_init(ex_not_compiled, -24344);
  procedure require_valid(p_package varchar2) is
  begin
    select count(*) into l_valid from all_objects
      where owner = l_owner and object_name = p_package and object_type = 'PACKAGE BODY';
    if l_valid = 0 then
      raise_application_error({{ code | number }}, 'package ' || p_package
        || ' could not be made: the error is told above, where it was tried');
    end if;
    select count(*) into l_valid from all_objects
      where owner = l_owner and object_name = p_package and object_type = 'PACKAGE BODY'
        and status = 'VALID';
    if l_valid = 0 then
      begin
        execute immediate 'alter package "' || l_owner || '"."' || p_package || '" compile';
      exception
        when ex_not_compiled then
          null;
      end;
    end if;
    for r in (select line, text from all_errors
              where owner = l_owner and name = p_package and attribute = 'ERROR' order by line) loop
      l_errors := substr(l_errors || chr(10) || 'line ' || to_char(r.line) || ': ' || r.text,
        1, 1500);
    end loop;
    select count(*) into l_valid from all_objects
      where owner = l_owner and object_name = p_package and object_type = 'PACKAGE BODY'
        and status = 'VALID';
    if l_errors is not null or l_valid = 0 then
      raise_application_error({{ code | number }}, 'package ' || p_package
        || ' does not compile here; what scored before is untouched' || l_errors);
    end if;
  end require_valid;
begin
{% if owner %}
  l_owner := {{ owner | literal }};
{% endif %}
{% for package in packages %}
  require_valid({{ package | literal }});
{% endfor %}
end;
