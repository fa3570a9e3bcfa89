{# The weights of steps that compute in float64, otherwise as the other weights; their parts are counted by themselves.
   sum_1 and sum_2 are Fletcher's sums in BINARY_DOUBLE, which the package checks when it loads a part.
   variables: none #}
create table export_model_weights_double (
  version varchar2(64) not null,
  part number(10) not null,
  tensor number(10) not null,
  first_number number(19) not null,
  numbers number(10) not null,
  sum_1 binary_double not null,
  sum_2 binary_double not null,
  data utl_nla_array_dbl not null,
  primary key (version, part)
)
varray data store as lob export_model_weights_doubles
