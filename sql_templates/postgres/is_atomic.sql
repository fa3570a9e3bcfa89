{# Whether an error says that no transaction can end here, as PostgreSQL words it in the server's language: a function
   is always within a transaction, and meets it.
   variables: settings of the function #}
create or replace function export_model.is_atomic(p_message text)
returns boolean
language plpgsql volatile strict
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

begin
  commit;
exception when invalid_transaction_termination then
  return sqlerrm = p_message;
end
{% endset %}{{ source | body }}
