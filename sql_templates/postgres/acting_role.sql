{# Whose rights a statement runs with. A superuser stays one whatever "set role" says, also where a database sets it for all who
   connect: a function that is called may say "reset role".
   variables: none #}
case when (select s.rolsuper from pg_roles s where s.rolname = session_user) then session_user else current_user end
