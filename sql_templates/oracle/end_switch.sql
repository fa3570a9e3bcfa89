{# The switch is done. variables: model #}
declare
  l_session varchar2(24) := dbms_session.unique_session_id;
begin
  update export_model_journal set state = 'done', session_id = null
    where model = {{ model | literal }} and state = 'begun'
      and session_id = l_session;
  commit;
end;
