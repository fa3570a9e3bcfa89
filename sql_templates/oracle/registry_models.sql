{# One row a deployed name. last_number is the newest number of a version, also when that is gone. Which version is current is what the synonym stands for, and nothing else.
   variables: none #}
create table export_model_models (
  name varchar2(128) not null primary key,
  synonym_name varchar2(128) not null,
  last_number number(10) default 0 not null,
  created_at timestamp with time zone default systimestamp not null
)
