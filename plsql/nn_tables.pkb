create or replace package body nn_tables is

  procedure allocate(p_y in out nocopy t_texts, p_count in pls_integer) is
  begin
    p_y := t_texts();
    p_y.extend(p_count);
  end allocate;
end nn_tables;
