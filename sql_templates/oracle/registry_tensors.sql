{# The tensors of the file: first_number counts float32 numbers from 0.
   variables: none #}
create table export_model_tensors (
  version varchar2(64) not null,
  tensor number(10) not null,
  name varchar2(1000),
  shape varchar2(200) not null,
  first_number number(19) not null,
  numbers number(19) not null,
  sha256 varchar2(64) not null,
  primary key (version, tensor)
)
