{# Says in \dn+ what the schema is.
   variables: model, its name; summary, one line about the model #}
comment on schema {{ model | ident }} is {{ summary | literal }}
