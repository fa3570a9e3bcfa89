{# Only the loader calls it.
   variables: runtime, the function's name #}
revoke all on function export_model.{{ runtime | ident }}(text, text, bytea) from public
