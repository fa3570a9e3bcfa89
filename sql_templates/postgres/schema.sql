{# The model's own schema.
   variables: model, its name #}
create schema if not exists {{ model | ident }}
