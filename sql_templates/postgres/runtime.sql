{# The kernels: plpython/runtime.py unchanged is the body of this function, which loads one model
   into the session. It takes everything as arguments and never queries the database.
   variables: runtime, the function's name; runtime_text, the file #}
create or replace function export_model.{{ runtime | ident }}(version text, plan text, weights bytea)
returns void
language plpython3u volatile parallel restricted
as {{ runtime_text | body }}
