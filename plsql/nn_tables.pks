create or replace package nn_tables authid definer is
  -- Ops over the columns of tables: what scalers, encoders and imputers are made of. Numbers are of
  -- BINARY_DOUBLE, a missing one is NaN; texts are in collections of t_texts, a missing one is NULL.
  -- Arrays, parameters and the meaning of p_x and p_y are those of nn_runtime. Texts are compared as
  -- bytes, whatever NLS_COMP and NLS_SORT say. There is no state.

  type t_texts is table of varchar2(32767 byte);
  type t_text_column is table of varchar2(32767 byte) index by pls_integer;
  type t_date_column is table of date index by pls_integer;
  type t_timestamp_column is table of timestamp index by pls_integer;

  -- p_y of p_count missing texts.
  procedure allocate(p_y in out nocopy t_texts, p_count in pls_integer);

  -- Columns of a row as numbers, whatever the session's NLS settings are.

  -- The number of the day, counted from 1970-01-01; the time of the day is left out.
  function days_of(p_x in date) return binary_double;
  -- Seconds since 1970-01-01 00:00, as they are written: without a time zone.
  function seconds_of(p_x in timestamp) return binary_double;
  -- 0 or 1; raises ex_not_boolean for another number.
  function boolean_of(p_x in binary_double, p_column in varchar2) return binary_double;

  -- The other way round, for samples; null where it is missing.

  function date_of(p_days in binary_double) return date;
  function timestamp_of(p_seconds in binary_double) return timestamp;
  function number_of(p_x in utl_nla_array_dbl, p_place in number) return binary_double;
  function text_of(p_x in sys.odcivarchar2list, p_place in number) return varchar2;
  function texts_of(p_x in sys.odcivarchar2list) return t_texts;

  -- Makes an array row p_row of a batch. What is null becomes missing where p_may_miss is 1; else the
  -- result is false, and so it is for an array that is null: such a row has no score.

  function put_columns(
    p_x in utl_nla_array_dbl,
    p_row in pls_integer,
    p_input in varchar2,
    p_may_miss in nn_runtime.t_shape,
    p_y in out nocopy utl_nla_array_dbl
  ) return boolean;

  function put_columns(
    p_x in t_texts,
    p_row in pls_integer,
    p_input in varchar2,
    p_may_miss in nn_runtime.t_shape,
    p_y in out nocopy t_texts
  ) return boolean;
end nn_tables;
