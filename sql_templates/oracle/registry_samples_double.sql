{# Sample rows of inputs and outputs that are float64, otherwise as the other samples.
   variables: none #}
create table export_model_samples_double (
  version varchar2(64) not null,
  sample number(10) not null,
  is_output number(1) not null,
  port number(10) not null,
  name varchar2(1000),
  numbers utl_nla_array_dbl not null,
  primary key (version, sample, is_output, port)
)
varray numbers store as lob export_model_samples_doubles
