create or replace package body nn_tables is

  procedure allocate(p_y in out nocopy t_texts, p_count in pls_integer) is
  begin
    p_y := t_texts();
    p_y.extend(p_count);
  end allocate;

  -- Columns of a row.

  -- Digits of a date in a format that NLS settings do not touch.
  function digits_of(p_x in timestamp, p_format in varchar2) return binary_double is
  begin
    return to_binary_double(
      to_number(to_char(p_x, p_format), '9999999999', 'nls_numeric_characters=''.,''')
    );
  end digits_of;

  -- By the Julian day, of which 2,440,588 is 1970-01-01.
  function days_of(p_x in date) return binary_double is
  begin
    return to_binary_double(
      to_number(to_char(p_x, 'J'), '9999999999', 'nls_numeric_characters=''.,''')
    ) - 2440588d;
  end days_of;

  function seconds_of(p_x in timestamp) return binary_double is
    l_seconds binary_double := (digits_of(p_x, 'J') - 2440588d) * 86400d + digits_of(p_x, 'SSSSS');
  begin
    -- One division of two whole numbers, so that the result is the nearest BINARY_DOUBLE.
    return (l_seconds * 1e6d + digits_of(p_x, 'FF6')) / 1e6d;
  end seconds_of;

  function boolean_of(p_x in binary_double, p_column in varchar2) return binary_double is
  begin
    if p_x is null or p_x is nan or p_x = 0d or p_x = 1d then
      return p_x;
    end if;
    raise_application_error(
      nn_runtime.gc_not_boolean,
      'column "' || p_column || '" is 0 or 1, for false or true, got ' || to_char(p_x)
    );
  end boolean_of;

  -- A whole number without a sign and without a decimal point.
  function text_of_number(p_x in binary_double) return varchar2 is
  begin
    return to_char(to_number(p_x), 'FM9999999999');
  end text_of_number;

  function date_of(p_days in binary_double) return date is
  begin
    if p_days is null or p_days is nan then
      return null;
    end if;
    return to_date(text_of_number(floor(p_days) + 2440588d), 'J');
  end date_of;

  function timestamp_of(p_seconds in binary_double) return timestamp is
    l_day binary_double;
    l_rest binary_double;
    l_second binary_double;
    l_microseconds binary_double;
  begin
    if p_seconds is null or p_seconds is nan then
      return null;
    end if;
    l_day := floor(p_seconds / 86400d);
    l_rest := p_seconds - l_day * 86400d;
    l_second := floor(l_rest);
    l_microseconds := floor((l_rest - l_second) * 1e6d + 0.5d);
    if l_microseconds = 1e6d then
      return timestamp_of(l_day * 86400d + l_second + 1d);
    end if;
    return to_timestamp(
      text_of_number(l_day + 2440588d) || ' ' || text_of_number(l_second) || ' '
      || lpad(text_of_number(l_microseconds), 6, '0'),
      'J SSSSS FF6'
    );
  end timestamp_of;

  function number_of(p_x in utl_nla_array_dbl, p_place in number) return binary_double is
  begin
    return case when p_x(p_place) is not nan then p_x(p_place) end;
  end number_of;

  function text_of(p_x in sys.odcivarchar2list, p_place in number) return varchar2 is
  begin
    return p_x(p_place);
  end text_of;

  function texts_of(p_x in sys.odcivarchar2list) return t_texts is
    l_y t_texts;
  begin
    allocate(l_y, p_x.count);
    for i in 1 .. p_x.count loop
      l_y(i) := p_x(i);
    end loop;
    return l_y;
  end texts_of;

  procedure check_length(
    p_count in pls_integer,
    p_may_miss in nn_runtime.t_shape,
    p_input in varchar2
  ) is
  begin
    if p_count <> p_may_miss.count then
      raise_application_error(
        nn_runtime.gc_wrong_length,
        'input "' || p_input || '" takes ' || p_may_miss.count || ' elements, got ' || p_count
      );
    end if;
  end check_length;

  function put_columns(
    p_x in utl_nla_array_dbl,
    p_row in pls_integer,
    p_input in varchar2,
    p_may_miss in nn_runtime.t_shape,
    p_y in out nocopy utl_nla_array_dbl
  ) return boolean is
    l_start pls_integer := (p_row - 1) * p_may_miss.count;
    l_is_complete boolean := true;
  begin
    if p_x is null then
      return false;
    end if;
    check_length(p_x.count, p_may_miss, p_input);
    for i in 1 .. p_x.count loop
      l_is_complete := l_is_complete and (p_x(i) is not null or p_may_miss(i) = 1);
      p_y(l_start + i) := coalesce(p_x(i), binary_double_nan);
    end loop;
    return l_is_complete;
  end put_columns;

  function put_columns(
    p_x in t_texts,
    p_row in pls_integer,
    p_input in varchar2,
    p_may_miss in nn_runtime.t_shape,
    p_y in out nocopy t_texts
  ) return boolean is
    l_start pls_integer := (p_row - 1) * p_may_miss.count;
    l_is_complete boolean := true;
  begin
    if p_x is null then
      return false;
    end if;
    check_length(p_x.count, p_may_miss, p_input);
    for i in 1 .. p_x.count loop
      l_is_complete := l_is_complete and (p_x(i) is not null or p_may_miss(i) = 1);
      p_y(l_start + i) := p_x(i);
    end loop;
    return l_is_complete;
  end put_columns;
end nn_tables;
