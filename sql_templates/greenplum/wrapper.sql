{# What holds the weights of all models for their functions, see copy_weights. It has no handler: nothing can be queried through it.
   variables: wrapper, its name #}
do {% set source %}

begin
  if not exists (select from pg_foreign_data_wrapper where fdwname = {{ wrapper | literal }}) then
    create foreign data wrapper {{ wrapper | ident }};
    comment on foreign data wrapper {{ wrapper | ident }} is 'export-model: weights of models';
  end if;
end
{% endset %}{{ source | body }}
