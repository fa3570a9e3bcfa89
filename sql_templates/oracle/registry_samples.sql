{# Sample rows: one array for each input and each expected output, flat and row-major. Inputs and
   outputs that are float64, and inputs that are texts, whose missing ones are null, have tables of their own.
   variables: table; type, of an array; segment, a name #}
create table {{ table }} (
  version varchar2(64) not null,
  sample number(10) not null,
  is_output number(1) not null,
  port number(10) not null,
  name varchar2(1000),
  numbers {{ type }} not null,
  primary key (version, sample, is_output, port)
)
varray numbers store as lob {{ segment }}
