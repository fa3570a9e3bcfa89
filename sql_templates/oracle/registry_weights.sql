{# The weights as the package multiplies them: a tensor, or a block of at most 1,000,000 numbers of it. Those of steps that
   compute in float64 have a table of their own, and their parts are counted by themselves.
   sum_1 and sum_2 are Fletcher's sums in BINARY_DOUBLE, which the package checks when it loads a part.
   variables: table; type, of an array; segment, a name #}
create table {{ table }} (
  version varchar2(64) not null,
  part number(10) not null,
  tensor number(10) not null,
  first_number number(19) not null,
  numbers number(10) not null,
  sum_1 binary_double not null,
  sum_2 binary_double not null,
  data {{ type }} not null,
  primary key (version, part)
)
varray data store as lob {{ segment }}
