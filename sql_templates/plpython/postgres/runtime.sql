{# The kernels: the parts in plpython/ joined is the body of this function, which loads one model
   into the session. It never queries the database: everything comes as arguments, or as weights that were collected.
   variables: runtime, the function's name; runtime_text, the file #}
create or replace function export_model.{{ runtime | ident }}(
  version text, plan text, weights bytea default null)
returns void
language plpython3u volatile parallel restricted
as {{ runtime_text | body }}
