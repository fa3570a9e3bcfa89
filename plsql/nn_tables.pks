create or replace package nn_tables authid definer is
  -- Ops over the columns of tables: what scalers, encoders and imputers are made of. Numbers are of
  -- BINARY_DOUBLE, a missing one is NaN; texts are in collections of t_texts, a missing one is NULL.
  -- Arrays, parameters and the meaning of p_x and p_y are those of nn_runtime. Texts are compared as
  -- bytes, whatever NLS_COMP and NLS_SORT say. There is no state.

  type t_texts is table of varchar2(32767 byte);

  -- p_y of p_count missing texts.
  procedure allocate(p_y in out nocopy t_texts, p_count in pls_integer);
end nn_tables;
