{# Ends the run of a file, with :status, when nothing is left to do.
   variables: reason; code, of the error #}
begin
  if :status = 0 then
    raise_application_error({{ code | number }}, {{ reason | literal }});
  end if;
end;
