{# Who switched what, when and why; alias is null for the model's own synonym. An entry is written before its switch, begun, by a
   session that holds the model so, and is done when the synonym stands for the version. It stays when the model is dropped.
   variables: none #}
create table export_model_journal (
  model varchar2(128) not null,
  id number(19) not null,
  done_at timestamp with time zone default systimestamp not null,
  done_by varchar2(128) default user not null,
  action varchar2(30) not null,
  alias varchar2(30),
  synonym_name varchar2(128),
  from_version varchar2(64),
  to_version varchar2(64),
  from_number number(10),
  to_number number(10),
  because clob,
  state varchar2(5) not null check (state in ('begun', 'done')),
  session_id varchar2(24),
  primary key (model, id)
)
