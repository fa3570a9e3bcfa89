{# The deployment proves itself: a sample that differs raises an error.
   variables: package, its SQL name #}
begin
  {{ package }}.verify;
end;
