{# Refuse a transaction block, also that of several statements sent at once, before anything is done. The commit fails in
   any case, because this block has a handler; within a transaction block it does so with another message.
   variables: none #}
create or replace procedure export_model.check_transaction()
language plpgsql
as {% set source %}

begin
  commit;
exception when invalid_transaction_termination then
  if export_model.is_atomic(sqlerrm) then
    raise exception 'score_into commits after each step: it cannot run inside a transaction block'
      using errcode = 'active_sql_transaction',
        hint = 'Call it on its own, outside of begin and commit, and not in one string with other statements.';
  end if;
end
{% endset %}{{ source | body }}
