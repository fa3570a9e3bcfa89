{# Sample rows of inputs that are texts, otherwise as the other samples; a missing text is null.
   variables: none #}
create table export_model_samples_text (
  version varchar2(64) not null,
  sample number(10) not null,
  is_output number(1) not null,
  port number(10) not null,
  name varchar2(1000),
  numbers sys.odcivarchar2list not null,
  primary key (version, sample, is_output, port)
)
varray numbers store as lob export_model_samples_texts
