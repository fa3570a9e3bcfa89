create or replace package body nn_tables is

  -- How many of p_count ascending numbers behind place p_start are at most p_x, or below it. A NaN is
  -- above all of them.
  function count_below(
    p_numbers in utl_nla_array_dbl,
    p_start in pls_integer,
    p_count in pls_integer,
    p_x in binary_double,
    p_is_strict in boolean
  ) return pls_integer is
    l_low pls_integer := 0;
    l_high pls_integer := p_count;
    l_middle pls_integer;
    l_number binary_double;
  begin
    if p_x is nan then
      return p_count;
    end if;
    while l_low < l_high loop
      l_middle := floor((l_low + l_high) / 2);
      l_number := p_numbers(p_start + l_middle + 1);
      if l_number < p_x or (not p_is_strict and l_number = p_x) then
        l_low := l_middle + 1;
      else
        l_high := l_middle;
      end if;
    end loop;
    return l_low;
  end count_below;

  -- Texts.

  procedure allocate(p_y in out nocopy t_texts, p_count in pls_integer) is
  begin
    p_y := t_texts();
    if p_count > 0 then
      p_y.extend(p_count);
    end if;
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

  -- What is equal only where column and bytes are.
  function key_of(p_column in pls_integer, p_text in varchar2) return varchar2 is
  begin
    return p_column || ':' || rawtohex(utl_raw.cast_to_raw(p_text));
  end key_of;

  -- Where a key stands, or would.
  function find_key(p_keys in t_keys, p_key in varchar2) return pls_integer is
    l_at pls_integer := dbms_utility.get_hash_value(p_key, 0, 1073741824);
  begin
    while p_keys.exists(l_at) loop
      exit when p_keys(l_at) = p_key;
      l_at := l_at + 1;
    end loop;
    return l_at;
  end find_key;

  function vocabulary(p_words in t_texts, p_counts in nn_double.t_shape) return t_vocabulary is
    l_words t_vocabulary;
    l_place pls_integer := 0;
    l_key varchar2(32767 byte);
    l_at pls_integer;
  begin
    l_words.longest := 0;
    for i_column in 1 .. p_counts.count loop
      for i in 1 .. p_counts(i_column) loop
        l_place := l_place + 1;
        l_key := key_of(i_column, p_words(l_place));
        l_at := find_key(l_words.keys, l_key);
        l_words.keys(l_at) := l_key;
        l_words.places(l_at) := l_place;
        l_words.longest := greatest(l_words.longest, lengthb(p_words(l_place)));
      end loop;
    end loop;
    return l_words;
  end vocabulary;

  -- The place of a text among the words, 0 where it is none.
  function find_word(
    p_words in t_vocabulary,
    p_column in pls_integer,
    p_text in varchar2
  ) return pls_integer is
    l_at pls_integer;
  begin
    if p_text is null or lengthb(p_text) > p_words.longest then
      return 0;
    end if;
    l_at := find_key(p_words.keys, key_of(p_column, p_text));
    return case when p_words.keys.exists(l_at) then p_words.places(l_at) else 0 end;
  end find_word;

  -- Whether two texts are the same bytes.
  function is_same(p_text in varchar2, p_other in varchar2) return boolean is
  begin
    return lengthb(p_text) = lengthb(p_other)
      and utl_raw.compare(utl_raw.cast_to_raw(p_text), utl_raw.cast_to_raw(p_other)) = 0;
  end is_same;

  procedure impute_texts(
    p_y in out nocopy t_texts,
    p_words in t_texts,
    p_missing in varchar2 default null
  ) is
    l_at pls_integer := 0;
  begin
    while l_at < p_y.count loop
      for i in 1 .. p_words.count loop
        if is_same(p_y(l_at + i), p_missing) or (p_missing is null and p_y(l_at + i) is null) then
          p_y(l_at + i) := p_words(i);
        end if;
      end loop;
      l_at := l_at + p_words.count;
    end loop;
  end impute_texts;

  procedure is_missing(
    p_x in t_texts,
    p_missing in varchar2,
    p_y in out nocopy utl_nla_array_dbl
  ) is
  begin
    nn_double.allocate(p_y, p_x.count);
    for i in 1 .. p_x.count loop
      if is_same(p_x(i), p_missing) or (p_missing is null and p_x(i) is null) then
        p_y(i) := 1d;
      end if;
    end loop;
  end is_missing;

  procedure select_(
    p_x in t_texts,
    p_width in pls_integer,
    p_places in nn_double.t_shape,
    p_y in out nocopy t_texts
  ) is
    l_from pls_integer := 0;
    l_to pls_integer := 0;
  begin
    allocate(p_y, p_x.count / p_width * p_places.count);
    while l_from < p_x.count loop
      for i in 1 .. p_places.count loop
        p_y(l_to + i) := p_x(l_from + p_places(i));
      end loop;
      l_from := l_from + p_width;
      l_to := l_to + p_places.count;
    end loop;
  end select_;

  -- Raises ex_unknown_category.
  procedure refuse_category(p_text in varchar2, p_count in pls_integer) is
  begin
    raise_application_error(
      nn_runtime.gc_unknown_category,
      p_text || ' is none of the ' || p_count || ' categories of its column'
    );
  end refuse_category;

  -- How an error names a text.
  function shown(p_text in varchar2) return varchar2 is
  begin
    return case when p_text is null then 'a missing text' else '"' || substr(p_text, 1, 80) || '"' end;
  end shown;

  procedure map_texts(
    p_x in t_texts,
    p_words in t_vocabulary,
    p_values in utl_nla_array_dbl,
    p_counts in nn_double.t_shape,
    p_defaults in utl_nla_array_dbl,
    p_absent in utl_nla_array_dbl,
    p_is_strict in nn_double.t_shape,
    p_is_complete in nn_double.t_shape,
    p_y in out nocopy utl_nla_array_dbl
  ) is
    l_at pls_integer := 0;
    l_place pls_integer;
    l_is_missing boolean;
  begin
    nn_double.allocate(p_y, p_x.count);
    while l_at < p_x.count loop
      for i in 1 .. p_counts.count loop
        l_is_missing := p_x(l_at + i) is null;
        l_place := find_word(p_words, i, p_x(l_at + i));
        if l_place > 0 then
          p_y(l_at + i) := p_values(l_place);
        elsif (l_is_missing and p_is_complete(i) = 1)
          or (not l_is_missing and p_is_strict(i) = 1) then
          refuse_category(shown(p_x(l_at + i)), p_counts(i));
        else
          p_y(l_at + i) := case when l_is_missing then p_absent(i) else p_defaults(i) end;
        end if;
      end loop;
      l_at := l_at + p_counts.count;
    end loop;
  end map_texts;

  procedure string_lookup(
    p_x in t_texts,
    p_words in t_vocabulary,
    p_values in utl_nla_array_dbl,
    p_default in binary_double,
    p_y in out nocopy utl_nla_array_dbl
  ) is
    l_place pls_integer;
  begin
    nn_double.allocate(p_y, p_x.count);
    for i in 1 .. p_x.count loop
      l_place := find_word(p_words, 1, p_x(i));
      if l_place > 0 then
        p_y(i) := p_values(l_place);
      elsif p_default is null then
        refuse_category(shown(p_x(i)), p_values.count);
      else
        p_y(i) := p_default;
      end if;
    end loop;
  end string_lookup;

  -- Columns in, columns out.

  procedure select_(
    p_x in utl_nla_array_dbl,
    p_width in pls_integer,
    p_places in nn_double.t_shape,
    p_y in out nocopy utl_nla_array_dbl
  ) is
    l_from pls_integer := 0;
    l_to pls_integer := 0;
  begin
    nn_double.allocate(p_y, p_x.count / p_width * p_places.count);
    while l_from < p_x.count loop
      for i in 1 .. p_places.count loop
        p_y(l_to + i) := p_x(l_from + p_places(i));
      end loop;
      l_from := l_from + p_width;
      l_to := l_to + p_places.count;
    end loop;
  end select_;

  procedure impute(
    p_y in out nocopy utl_nla_array_dbl,
    p_values in utl_nla_array_dbl,
    p_missing in binary_double default null
  ) is
    l_at pls_integer := 0;
  begin
    while l_at < p_y.count loop
      for i in 1 .. p_values.count loop
        if p_y(l_at + i) = p_missing or (p_missing is null and p_y(l_at + i) is nan) then
          p_y(l_at + i) := p_values(i);
        end if;
      end loop;
      l_at := l_at + p_values.count;
    end loop;
  end impute;

  procedure is_missing(
    p_y in out nocopy utl_nla_array_dbl,
    p_missing in binary_double default null
  ) is
  begin
    for i in 1 .. p_y.count loop
      p_y(i) := case
        when p_y(i) = p_missing or (p_missing is null and p_y(i) is nan) then 1d
        else 0d
      end;
    end loop;
  end is_missing;

  procedure map_numbers(
    p_y in out nocopy utl_nla_array_dbl,
    p_keys in utl_nla_array_dbl,
    p_values in utl_nla_array_dbl,
    p_counts in nn_double.t_shape,
    p_defaults in utl_nla_array_dbl,
    p_absent in utl_nla_array_dbl,
    p_is_strict in nn_double.t_shape,
    p_is_complete in nn_double.t_shape
  ) is
    l_at pls_integer := 0;
    l_start pls_integer;
    l_found pls_integer;
    l_x binary_double;
  begin
    while l_at < p_y.count loop
      l_start := 0;
      for i in 1 .. p_counts.count loop
        l_x := p_y(l_at + i);
        -- The number of keys at most x is the place of the key that x equals.
        l_found := l_start + count_below(p_keys, l_start, p_counts(i), l_x, false);
        if l_x is nan then
          if p_is_complete(i) = 1 then
            refuse_category('a missing number', p_counts(i));
          end if;
          p_y(l_at + i) := p_absent(i);
        elsif l_found > l_start and p_keys(greatest(l_found, 1)) = l_x then
          p_y(l_at + i) := p_values(l_found);
        elsif p_is_strict(i) = 1 then
          refuse_category(to_char(l_x), p_counts(i));
        else
          p_y(l_at + i) := p_defaults(i);
        end if;
        l_start := l_start + p_counts(i);
      end loop;
      l_at := l_at + p_counts.count;
    end loop;
  end map_numbers;

  procedure indicate(
    p_x in utl_nla_array_dbl,
    p_width in pls_integer,
    p_size in pls_integer,
    p_y in out nocopy utl_nla_array_dbl
  ) is
    l_from pls_integer := 0;
    l_to pls_integer := 0;
    l_place pls_integer;
  begin
    nn_double.allocate(p_y, p_x.count / p_width * p_size);
    while l_from < p_x.count loop
      for i in 1 .. p_width loop
        l_place := p_x(l_from + i);
        if l_place between 0 and p_size - 1 then
          p_y(l_to + l_place + 1) := 1d;
        end if;
      end loop;
      l_from := l_from + p_width;
      l_to := l_to + p_size;
    end loop;
  end indicate;

  procedure discretize(
    p_y in out nocopy utl_nla_array_dbl,
    p_edges in utl_nla_array_dbl,
    p_counts in nn_double.t_shape,
    p_has_slack in boolean
  ) is
    l_at pls_integer := 0;
    l_start pls_integer;
    l_x binary_double;
  begin
    while l_at < p_y.count loop
      l_start := 0;
      for i in 1 .. p_counts.count loop
        l_x := p_y(l_at + i);
        if p_has_slack then
          l_x := l_x + (1e-8d + 1e-5d * abs(l_x));
        end if;
        p_y(l_at + i) := count_below(p_edges, l_start, p_counts(i), l_x, false);
        l_start := l_start + p_counts(i);
      end loop;
      l_at := l_at + p_counts.count;
    end loop;
  end discretize;

  procedure normalize_row(
    p_y in out nocopy utl_nla_array_dbl,
    p_width in pls_integer,
    p_norm in varchar2,
    p_tiny in binary_double
  ) is
    l_at pls_integer := 0;
    l_size binary_double;
  begin
    while l_at < p_y.count loop
      l_size := 0d;
      for i in l_at + 1 .. l_at + p_width loop
        l_size := case p_norm
          when 'l1' then l_size + abs(p_y(i))
          when 'l2' then l_size + p_y(i) * p_y(i)
          else case -- of a NaN and a number the NaN
            when p_y(i) is nan then p_y(i)
            when l_size is nan or l_size >= abs(p_y(i)) then l_size
            else abs(p_y(i))
          end
        end;
      end loop;
      if p_norm = 'l2' then
        l_size := sqrt(l_size);
      end if;
      if l_size = 0d or l_size < p_tiny then
        l_size := 1d;
      end if;
      for i in l_at + 1 .. l_at + p_width loop
        p_y(i) := p_y(i) / l_size;
      end loop;
      l_at := l_at + p_width;
    end loop;
  end normalize_row;

  -- Functions of each number.

  -- ln(1 + x), also near 0, where 1 + x loses digits: what it lost, the quotient brings back.
  function log1p(p_x in binary_double) return binary_double is
    l_sum binary_double := 1d + p_x;
  begin
    if l_sum is nan or l_sum < 0d then
      return binary_double_nan;
    elsif l_sum = 0d then
      return -binary_double_infinity;
    elsif l_sum is infinite then
      return l_sum;
    elsif l_sum = 1d then
      return p_x;
    end if;
    return ln(l_sum) * (p_x / (l_sum - 1d));
  end log1p;

  -- exp(x) - 1, also near 0, by the same device.
  function expm1(p_x in binary_double) return binary_double is
    l_power binary_double;
  begin
    if p_x is nan or p_x < -40d then
      return case when p_x is nan then p_x else -1d end;
    end if;
    l_power := exp(p_x);
    if l_power = 1d or l_power is infinite then
      return case when l_power = 1d then p_x else l_power end;
    end if;
    return (l_power - 1d) * (p_x / ln(l_power));
  end expm1;

  -- ln of a number that may be 0 or negative.
  function logarithm(p_x in binary_double) return binary_double is
  begin
    if p_x is nan or p_x < 0d then
      return binary_double_nan;
    elsif p_x = 0d then
      return -binary_double_infinity;
    end if;
    return case when p_x is infinite then p_x else ln(p_x) end;
  end logarithm;

  -- (x to the power p_exponent - 1) / p_exponent from ln(x), and its limit for an exponent of 0.
  function power_of(p_logarithm in binary_double, p_exponent in binary_double)
    return binary_double is
  begin
    if abs(p_exponent) < 2.220446049250313e-16d then
      return p_logarithm;
    end if;
    return expm1(p_exponent * p_logarithm) / p_exponent;
  end power_of;

  -- (x * p_exponent + 1) to the power 1 / p_exponent - 1, and its limit.
  function unpower(p_x in binary_double, p_exponent in binary_double) return binary_double is
  begin
    if abs(p_exponent) < 2.220446049250313e-16d then
      return expm1(p_x);
    end if;
    return expm1(log1p(p_x * p_exponent) / p_exponent);
  end unpower;

  procedure power_transform(
    p_y in out nocopy utl_nla_array_dbl,
    p_method in varchar2,
    p_lambdas in utl_nla_array_dbl
  ) is
    l_at pls_integer := 0;
    l_x binary_double;
  begin
    while l_at < p_y.count loop
      for i in 1 .. p_lambdas.count loop
        l_x := p_y(l_at + i);
        p_y(l_at + i) := case
          when l_x is nan or (p_method = 'box-cox' and l_x <= 0d) then binary_double_nan
          when p_method = 'box-cox' then power_of(logarithm(l_x), p_lambdas(i))
          when l_x >= 0d then power_of(log1p(l_x), p_lambdas(i))
          else -power_of(log1p(-l_x), 2d - p_lambdas(i))
        end;
      end loop;
      l_at := l_at + p_lambdas.count;
    end loop;
  end power_transform;

  procedure power_inverse(
    p_y in out nocopy utl_nla_array_dbl,
    p_method in varchar2,
    p_lambdas in utl_nla_array_dbl
  ) is
    l_at pls_integer := 0;
    l_x binary_double;
  begin
    while l_at < p_y.count loop
      for i in 1 .. p_lambdas.count loop
        l_x := p_y(l_at + i);
        p_y(l_at + i) := case
          when l_x is nan then l_x
          when p_method = 'box-cox' then unpower(l_x, p_lambdas(i)) + 1d
          when l_x >= 0d then unpower(l_x, p_lambdas(i))
          else -unpower(-l_x, 2d - p_lambdas(i))
        end;
      end loop;
      l_at := l_at + p_lambdas.count;
    end loop;
  end power_inverse;

  -- The value over p_x, which is no NaN, on the line through the points p_left and p_left + 1.
  function on_line(
    p_points in utl_nla_array_dbl,
    p_values in utl_nla_array_dbl,
    p_start in pls_integer,
    p_left in pls_integer,
    p_x in binary_double,
    p_from in pls_integer
  ) return binary_double is
    l_point pls_integer := p_start + p_left;
  begin
    return p_values(p_from)
      + (p_x - p_points(p_start + p_from))
      * ((p_values(p_left + 1) - p_values(p_left)) / (p_points(l_point + 1) - p_points(l_point)));
  end on_line;

  -- The number on the lines through the p_values.count points behind p_start, beyond which it is the
  -- first or last value; of points that are the same, the last counts, or with p_is_down the first.
  function interpolated(
    p_points in utl_nla_array_dbl,
    p_values in utl_nla_array_dbl,
    p_start in pls_integer,
    p_x in binary_double,
    p_is_down in boolean
  ) return binary_double is
    l_count pls_integer := p_values.count;
    l_below pls_integer := count_below(p_points, p_start, l_count, p_x, p_is_down);
  begin
    if p_is_down then
      if l_below = l_count then
        return p_values(l_count);
      elsif l_below = 0 or p_points(p_start + l_below + 1) = p_x then
        return p_values(l_below + 1);
      end if;
      return on_line(p_points, p_values, p_start, l_below, p_x, l_below + 1);
    end if;
    if l_below = 0 then
      return p_values(1);
    elsif l_below = l_count or p_points(p_start + l_below) = p_x then
      return p_values(l_below);
    end if;
    return on_line(p_points, p_values, p_start, l_below, p_x, l_below);
  end interpolated;

  -- Polynomials over x, the numbers of the highest powers first.
  function polynomial(p_numbers in utl_nla_array_dbl, p_x in binary_double) return binary_double is
    l_y binary_double := 0d;
  begin
    for i in 1 .. p_numbers.count loop
      l_y := l_y * p_x + p_numbers(i);
    end loop;
    return l_y;
  end polynomial;

  -- The number below which a normally distributed one is with a probability. Source: Cephes Math
  -- Library, ndtri, by Moshier.
  function normal_quantile(p_probability in binary_double) return binary_double is
    l_is_upper boolean := p_probability > 0.8646647167633873d;
    l_tail binary_double := case when l_is_upper then 1d - p_probability else p_probability end;
    l_centre binary_double;
    l_square binary_double;
    l_root binary_double;
    l_inverse binary_double;
    l_side binary_double;
  begin
    if p_probability <= 0d or p_probability >= 1d then
      return case when p_probability <= 0d then -1d else 1d end * binary_double_infinity;
    end if;
    if l_tail > 0.1353352832366127d then
      l_centre := l_tail - 0.5d;
      l_square := l_centre * l_centre;
      return (
        l_centre + l_centre * l_square * polynomial(
          utl_nla_array_dbl(
            -59.96335010141079d, 98.00107541859997d, -56.67628574690703d, 13.931260938727968d,
            -1.2391658386738125d
          ), l_square
        ) / polynomial(
          utl_nla_array_dbl(
            1d, 1.9544885833814176d, 4.676279128988815d, 86.36024213908905d, -225.46268785411937d,
            200.26021238006066d, -82.03722561683334d, 15.90562251262117d, -1.1833162112133d
          ), l_square
        )
      ) * 2.5066282746310007d;
    end if;
    l_root := sqrt(-2d * ln(l_tail));
    l_inverse := 1d / l_root;
    if l_root < 8d then
      l_side := polynomial(
        utl_nla_array_dbl(
          4.0554489230596245d, 31.525109459989388d, 57.16281922464213d, 44.08050738932008d,
          14.684956192885803d, 2.1866330685079025d, -0.1402560791713545d, -0.03504246268278482d,
          -0.0008574567851546854d
        ), l_inverse
      ) / polynomial(
        utl_nla_array_dbl(
          1d, 15.779988325646675d, 45.39076351288792d, 41.3172038254672d, 15.04253856929075d,
          2.504649462083094d, -0.14218292285478779d, -0.03808064076915783d, -0.0009332594808954574d
        ), l_inverse
      );
    else
      l_side := polynomial(
        utl_nla_array_dbl(
          3.2377489177694603d, 6.915228890689842d, 3.9388102529247444d, 1.3330346081580755d,
          0.20148538954917908d, 0.012371663481782003d, 0.00030158155350823543d,
          0.0000026580697468673755d, 6.239745391849833e-9d
        ), l_inverse
      ) / polynomial(
        utl_nla_array_dbl(
          1d, 6.02427039364742d, 3.6798356385616087d, 1.3770209948908132d, 0.21623699359449663d,
          0.013420400608854318d, 0.00032801446468212774d, 0.0000028924786474538068d,
          6.790194080099813e-9d
        ), l_inverse
      );
    end if;
    l_root := l_root - ln(l_root) / l_root - l_inverse * l_side;
    return case when l_is_upper then l_root else -l_root end;
  end normal_quantile;

  procedure quantile_transform(
    p_y in out nocopy utl_nla_array_dbl,
    p_quantiles in utl_nla_array_dbl,
    p_references in utl_nla_array_dbl,
    p_is_normal in boolean
  ) is
    l_count pls_integer := p_references.count;
    l_slack binary_double := case when p_is_normal then 1e-7d else 0d end;
    l_low binary_double := normal_quantile(1e-7d - 2.220446049250313e-16d);
    l_high binary_double := normal_quantile(1d - (1e-7d - 2.220446049250313e-16d));
    l_start pls_integer := 0;
    l_x binary_double;
    l_y binary_double;
  begin
    for i in 1 .. p_y.count loop
      l_x := p_y(i);
      if l_x is not nan then
        if l_x - l_slack < p_quantiles(l_start + 1)
          or (not p_is_normal and l_x = p_quantiles(l_start + 1)) then
          l_y := 0d;
        elsif l_x + l_slack > p_quantiles(l_start + l_count)
          or (not p_is_normal and l_x = p_quantiles(l_start + l_count)) then
          l_y := 1d;
        else
          l_y := 0.5d * (
            interpolated(p_quantiles, p_references, l_start, l_x, false)
            + interpolated(p_quantiles, p_references, l_start, l_x, true)
          );
        end if;
        if p_is_normal then
          l_y := least(greatest(normal_quantile(l_y), l_low), l_high);
        end if;
        p_y(i) := l_y;
      end if;
      l_start := case when l_start + l_count < p_quantiles.count then l_start + l_count else 0 end;
    end loop;
  end quantile_transform;

  procedure products(
    p_x in utl_nla_array_dbl,
    p_width in pls_integer,
    p_degree in pls_integer,
    p_places in nn_double.t_shape,
    p_y in out nocopy utl_nla_array_dbl
  ) is
    l_products pls_integer := p_places.count / p_degree;
    l_from pls_integer := 0;
    l_to pls_integer := 0;
    l_place pls_integer;
    l_y binary_double;
  begin
    nn_double.allocate(p_y, p_x.count / p_width * l_products);
    while l_from < p_x.count loop
      for i_product in 1 .. l_products loop
        l_y := 1d;
        for i in reverse 1 .. p_degree loop -- from the back, as scikit-learn multiplies
          l_place := p_places((i_product - 1) * p_degree + i);
          if l_place > 0 then
            l_y := l_y * p_x(l_from + l_place);
          end if;
        end loop;
        p_y(l_to + i_product) := l_y;
      end loop;
      l_from := l_from + p_width;
      l_to := l_to + l_products;
    end loop;
  end products;

  -- The area sine: near 0, and where x * x is too large.
  function arsinh(p_x in binary_double) return binary_double is
    l_size binary_double := abs(p_x);
    l_y binary_double;
  begin
    if l_size is nan or l_size is infinite then
      return p_x;
    end if;
    l_y := case
      when l_size > 1e100d then ln(l_size) + 0.6931471805599453d
      else log1p(l_size + l_size * l_size / (1d + sqrt(1d + l_size * l_size)))
    end;
    return case when p_x < 0d then -l_y else l_y end;
  end arsinh;

  function arcosh(p_x in binary_double) return binary_double is
  begin
    return case
      when p_x is nan or p_x < 1d then binary_double_nan
      when p_x is infinite then p_x
      when p_x > 1e100d then ln(p_x) + 0.6931471805599453d
      else log1p((p_x - 1d) + sqrt((p_x - 1d) * (p_x + 1d)))
    end;
  end arcosh;

  -- The cube root: exp(ln(x) / 3), and one step of Newton's, which makes its last digits good.
  function cube_root(p_x in binary_double) return binary_double is
    l_y binary_double;
  begin
    if p_x = 0d or p_x is nan or p_x is infinite then
      return p_x;
    end if;
    l_y := exp(ln(abs(p_x)) / 3d);
    l_y := l_y - (l_y - abs(p_x) / (l_y * l_y)) / 3d;
    return case when p_x < 0d then -l_y else l_y end;
  end cube_root;

  -- Functions that nn_double has not, or has for networks only, which need fewer digits.
  function ufunc_of(p_function in varchar2, p_x in binary_double) return binary_double is
  begin
    case p_function
      when 'log' then
        return logarithm(p_x);
      when 'log1p' then
        return log1p(p_x);
      when 'log2' then
        return logarithm(p_x) / 0.6931471805599453d;
      when 'log10' then
        return logarithm(p_x) / 2.302585092994046d;
      when 'exp2' then
        return case when p_x is nan then p_x else power(2d, p_x) end;
      when 'expm1' then
        return expm1(p_x);
      when 'sqrt' then
        return case when p_x is nan or p_x < 0d then binary_double_nan else sqrt(p_x) end;
      when 'cbrt' then
        return cube_root(p_x);
      when 'arcsin' then
        return case
          when abs(p_x) < 1d then atan(p_x / sqrt((1d - p_x) * (1d + p_x)))
          when abs(p_x) = 1d then p_x * 1.5707963267948966d
          else binary_double_nan
        end;
      when 'arccos' then
        return case
          when p_x = -1d then 3.141592653589793d
          when abs(p_x) <= 1d then 2d * atan(sqrt((1d - p_x) / (1d + p_x)))
          else binary_double_nan
        end;
      when 'arcsinh' then
        return arsinh(p_x);
      when 'arccosh' then
        return arcosh(p_x);
      when 'arctanh' then
        return case
          when abs(p_x) < 1d then 0.5d * log1p(2d * p_x / (1d - p_x))
          when abs(p_x) = 1d then p_x * binary_double_infinity
          else binary_double_nan
        end;
      else
        return case
          when p_function in ('deg2rad', 'radians') then p_x * 0.017453292519943295d
          else p_x * 57.29577951308232d -- rad2deg, degrees
        end;
    end case;
  end ufunc_of;

  procedure ufunc(p_y in out nocopy utl_nla_array_dbl, p_function in varchar2) is
  begin
    if p_function = 'positive' then
      return;
    elsif p_function in ('absolute', 'fabs') then
      nn_double.unary(p_y, 'abs');
    elsif p_function = 'rint' then
      nn_double.unary(p_y, 'round');
    elsif p_function in (
      'exp', 'square', 'negative', 'reciprocal', 'sign', 'floor', 'ceil', 'trunc', 'sin', 'cos',
      'tan', 'arctan', 'sinh', 'cosh', 'tanh'
    ) then
      if p_function = 'tanh' then
        nn_double.activation(p_y, 'tanh');
      else
        nn_double.unary(p_y, p_function);
      end if;
    else
      for i in 1 .. p_y.count loop
        p_y(i) := ufunc_of(p_function, p_y(i));
      end loop;
    end if;
  end ufunc;

  -- Adds p_factor times the values of the B-splines at p_x, or their first derivatives, by de Boor's
  -- recursion, to p_y behind p_to; beyond the boundaries those of the polynomials there. The knots are
  -- p_count behind p_start. In the order of SciPy's _deBoor_D, to the last bit.
  procedure add_basis(
    p_knots in utl_nla_array_dbl,
    p_start in pls_integer,
    p_count in pls_integer,
    p_degree in pls_integer,
    p_x in binary_double,
    p_is_slope in boolean,
    p_factor in binary_double,
    p_to in pls_integer,
    p_y in out nocopy utl_nla_array_dbl
  ) is
    l_place pls_integer := count_below(p_knots, p_start, p_count, p_x, false);
    l_h utl_nla_array_dbl;
    l_before utl_nla_array_dbl;
    l_left binary_double;
    l_right binary_double;
    l_w binary_double;
  begin
    l_place := least(greatest(l_place, p_degree + 1), p_count - p_degree - 1);
    nn_double.allocate(l_h, p_degree + 1);
    l_h(1) := 1d;
    for j in 1 .. p_degree loop
      l_before := l_h;
      l_h(1) := 0d;
      for n in 1 .. j loop
        l_right := p_knots(p_start + l_place + n);
        l_left := p_knots(p_start + l_place + n - j);
        if l_right = l_left then
          l_w := 0d;
        elsif p_is_slope and j = p_degree then
          l_w := to_binary_double(j) * l_before(n) / (l_right - l_left);
        else
          l_w := l_before(n) / (l_right - l_left);
        end if;
        if p_is_slope and j = p_degree then
          l_h(n) := l_h(n) - l_w;
          l_h(n + 1) := l_w;
        else
          l_h(n) := l_h(n) + l_w * (l_right - p_x);
          l_h(n + 1) := l_w * (p_x - l_left);
        end if;
      end loop;
    end loop;
    for i in 1 .. p_degree + 1 loop
      l_right := p_factor * l_h(i);
      p_y(p_to + l_place - p_degree - 1 + i) := p_y(p_to + l_place - p_degree - 1 + i) + l_right;
    end loop;
  end add_basis;

  -- The splines of one number, as many as knots and degree make.
  procedure put_splines(
    p_knots in utl_nla_array_dbl,
    p_start in pls_integer,
    p_count in pls_integer,
    p_degree in pls_integer,
    p_outside in varchar2,
    p_x in binary_double,
    p_y in out nocopy utl_nla_array_dbl
  ) is
    l_splines pls_integer := p_count - p_degree - 1;
    l_first binary_double := p_knots(p_start + p_degree + 1);
    l_last binary_double := p_knots(p_start + l_splines + 1);
    l_edge binary_double := p_x;
    l_rest utl_nla_array_dbl;
  begin
    nn_double.allocate(p_y, l_splines);
    if p_outside = 'periodic' then
      l_rest := utl_nla_array_dbl(p_x - l_first);
      nn_double.modulo(l_rest, utl_nla_array_dbl(l_last - l_first));
      add_basis(
        p_knots, p_start, p_count, p_degree, l_first + l_rest(1), false, 1d, 0, p_y
      );
      for i in 1 .. p_degree loop
        p_y(i) := p_y(i) + p_y(l_splines - p_degree + i);
      end loop;
    elsif p_outside = 'error' and (p_x is nan or p_x < l_first or p_x > l_last) then
      raise_application_error(
        nn_runtime.gc_unknown_category,
        to_char(p_x) || ' is outside of the knots, from ' || to_char(l_first) || ' to '
        || to_char(l_last)
      );
    else
      if p_outside in ('constant', 'linear') and p_x is not nan then
        l_edge := least(greatest(p_x, l_first), l_last);
      end if;
      add_basis(p_knots, p_start, p_count, p_degree, l_edge, false, 1d, 0, p_y);
      if p_outside = 'linear' and l_edge <> p_x then
        add_basis(p_knots, p_start, p_count, p_degree, l_edge, true, p_x - l_edge, 0, p_y);
      end if;
    end if;
  end put_splines;

  procedure splines(
    p_x in utl_nla_array_dbl,
    p_width in pls_integer,
    p_knots in utl_nla_array_dbl,
    p_degree in pls_integer,
    p_outside in varchar2,
    p_has_last in boolean,
    p_y in out nocopy utl_nla_array_dbl
  ) is
    l_count pls_integer := p_knots.count / p_width;
    l_splines pls_integer := l_count - p_degree - 1;
    l_start pls_integer := 0;
    l_to pls_integer := 0;
    l_values utl_nla_array_dbl;
  begin
    if p_outside = 'periodic' then
      l_splines := l_splines - p_degree;
    end if;
    if not p_has_last then
      l_splines := l_splines - 1;
    end if;
    nn_double.allocate(p_y, p_x.count * l_splines);
    for i_number in 1 .. p_x.count loop
      put_splines(p_knots, l_start, l_count, p_degree, p_outside, p_x(i_number), l_values);
      for i in 1 .. l_splines loop
        p_y(l_to + i) := l_values(i);
      end loop;
      l_start := case when l_start + l_count < p_knots.count then l_start + l_count else 0 end;
      l_to := l_to + l_splines;
    end loop;
  end splines;

  -- What predictors need.

  procedure interpolate(
    p_y in out nocopy utl_nla_array_dbl,
    p_points in utl_nla_array_dbl,
    p_values in utl_nla_array_dbl,
    p_outside in varchar2
  ) is
    l_x binary_double;
  begin
    for i in 1 .. p_y.count loop
      l_x := p_y(i);
      if l_x is not nan then
        if l_x >= p_points(1) and l_x <= p_points(p_points.count) or p_outside = 'clip' then
          p_y(i) := interpolated(p_points, p_values, 0, l_x, false);
        elsif p_outside = 'nan' then
          p_y(i) := binary_double_nan;
        else
          raise_application_error(
            nn_runtime.gc_unknown_category,
            to_char(l_x) || ' is outside of what was fitted, ' || to_char(p_points(1)) || ' to '
            || to_char(p_points(p_points.count))
          );
        end if;
      end if;
    end loop;
  end interpolate;

  procedure squared_distances(
    p_x in utl_nla_array_dbl,
    p_width in pls_integer,
    p_points in utl_nla_array_dbl,
    p_y in out nocopy utl_nla_array_dbl
  ) is
    l_points pls_integer := p_points.count / p_width;
    l_from pls_integer := 0;
    l_to pls_integer := 0;
    l_point pls_integer;
    l_difference binary_double;
    l_sum binary_double;
  begin
    nn_double.allocate(p_y, p_x.count / p_width * l_points);
    while l_from < p_x.count loop
      l_point := 0;
      for i_point in 1 .. l_points loop
        l_sum := 0d;
        for i in 1 .. p_width loop
          l_difference := p_x(l_from + i) - p_points(l_point + i);
          l_sum := l_sum + l_difference * l_difference;
        end loop;
        p_y(l_to + i_point) := l_sum;
        l_point := l_point + p_width;
      end loop;
      l_from := l_from + p_width;
      l_to := l_to + l_points;
    end loop;
  end squared_distances;

  procedure pair_votes(
    p_wins in utl_nla_array_dbl,
    p_confidences in utl_nla_array_dbl,
    p_classes in pls_integer,
    p_y in out nocopy utl_nla_array_dbl
  ) is
    l_votes utl_nla_array_dbl;
    l_totals utl_nla_array_dbl;
    l_pair pls_integer := 0;
    l_to pls_integer := 0;
  begin
    nn_double.allocate(p_y, p_wins.count / (p_classes * (p_classes - 1) / 2) * p_classes);
    while l_to < p_y.count loop
      nn_double.allocate(l_votes, p_classes);
      nn_double.allocate(l_totals, p_classes);
      for i_first in 1 .. p_classes loop
        for i_second in i_first + 1 .. p_classes loop
          l_pair := l_pair + 1;
          l_totals(i_first) := l_totals(i_first) - p_confidences(l_pair);
          l_totals(i_second) := l_totals(i_second) + p_confidences(l_pair);
          if p_wins(l_pair) = 0d then
            l_votes(i_first) := l_votes(i_first) + 1d;
          elsif p_wins(l_pair) = 1d then
            l_votes(i_second) := l_votes(i_second) + 1d;
          end if;
        end loop;
      end loop;
      for i in 1 .. p_classes loop
        p_y(l_to + i) := l_votes(i) + l_totals(i) / (3d * (abs(l_totals(i)) + 1d));
      end loop;
      l_to := l_to + p_classes;
    end loop;
  end pair_votes;

  -- A step along each class in turn; p_p is scaled back to a sum of 1 after each. p_q holds p_classes rows.
  procedure move(
    p_q in utl_nla_array_dbl,
    p_classes in pls_integer,
    p_p in out nocopy utl_nla_array_dbl,
    p_slopes in out nocopy utl_nla_array_dbl,
    p_mean in binary_double
  ) is
    l_mean binary_double := p_mean;
    l_own binary_double;
    l_change binary_double;
    l_scale binary_double;
  begin
    for t in 1 .. p_classes loop
      l_own := p_q((t - 1) * p_classes + t);
      l_change := (l_mean - p_slopes(t)) / l_own;
      p_p(t) := p_p(t) + l_change;
      l_scale := 1d + l_change;
      l_mean := (l_mean + l_change * (l_change * l_own + 2d * p_slopes(t))) / l_scale / l_scale;
      for i in 1 .. p_classes loop
        p_slopes(i) := (p_slopes(i) + l_change * p_q((i - 1) * p_classes + t)) / l_scale;
        p_p(i) := p_p(i) / l_scale;
      end loop;
    end loop;
  end move;

  -- One row's probabilities in p_p from those of the pairs behind p_from.
  procedure couple_row(
    p_x in utl_nla_array_dbl,
    p_from in pls_integer,
    p_classes in pls_integer,
    p_p in out nocopy utl_nla_array_dbl
  ) is
    l_q utl_nla_array_dbl;
    l_slopes utl_nla_array_dbl;
    l_mean binary_double;
    l_largest binary_double;
    l_pair pls_integer := p_from;
    l_win binary_double;
  begin
    nn_double.allocate(l_q, p_classes * p_classes);
    nn_double.allocate(l_slopes, p_classes);
    nn_double.allocate(p_p, p_classes, 1d / to_binary_double(p_classes));
    for i in 1 .. p_classes loop
      for j in i + 1 .. p_classes loop
        l_pair := l_pair + 1;
        l_win := p_x(l_pair);
        if l_win is nan then
          nn_double.allocate(p_p, p_classes, binary_double_nan);
          return;
        end if;
        l_q((i - 1) * p_classes + j) := -(1d - l_win) * l_win;
        l_q((j - 1) * p_classes + i) := -l_win * (1d - l_win);
        l_q((j - 1) * p_classes + j) := l_q((j - 1) * p_classes + j) + l_win * l_win;
        l_q((i - 1) * p_classes + i) := l_q((i - 1) * p_classes + i)
          + (1d - l_win) * (1d - l_win);
      end loop;
    end loop;
    for i_step in 1 .. greatest(100, p_classes) loop
      l_mean := 0d;
      for i in 1 .. p_classes loop
        l_slopes(i) := 0d;
        for j in 1 .. p_classes loop
          l_slopes(i) := l_slopes(i) + l_q((i - 1) * p_classes + j) * p_p(j);
        end loop;
        l_mean := l_mean + p_p(i) * l_slopes(i);
      end loop;
      l_largest := 0d;
      for i in 1 .. p_classes loop
        l_largest := greatest(l_largest, abs(l_slopes(i) - l_mean));
      end loop;
      exit when l_largest < 0.005d / to_binary_double(p_classes);
      move(l_q, p_classes, p_p, l_slopes, l_mean);
    end loop;
  end couple_row;

  procedure couple_pairs(
    p_x in utl_nla_array_dbl,
    p_classes in pls_integer,
    p_y in out nocopy utl_nla_array_dbl
  ) is
    l_pairs pls_integer := p_classes * (p_classes - 1) / 2;
    l_from pls_integer := 0;
    l_to pls_integer := 0;
    l_row utl_nla_array_dbl;
  begin
    nn_double.allocate(p_y, p_x.count / l_pairs * p_classes);
    while l_from < p_x.count loop
      couple_row(p_x, l_from, p_classes, l_row);
      for i in 1 .. p_classes loop
        p_y(l_to + i) := l_row(i);
      end loop;
      l_from := l_from + l_pairs;
      l_to := l_to + p_classes;
    end loop;
  end couple_pairs;

  -- The places of p_count numbers behind p_from, the smallest number's first.
  function order_of(
    p_x in utl_nla_array_dbl,
    p_from in pls_integer,
    p_count in pls_integer
  ) return nn_double.t_shape is
    l_order nn_double.t_shape := nn_double.t_shape();
    l_at pls_integer;
  begin
    l_order.extend(p_count);
    for i in 1 .. p_count loop
      l_at := i;
      while l_at > 1 loop
        exit when p_x(p_from + l_order(l_at - 1)) <= p_x(p_from + i);
        l_order(l_at) := l_order(l_at - 1);
        l_at := l_at - 1;
      end loop;
      l_order(l_at) := i;
    end loop;
    return l_order;
  end order_of;

  procedure weighted_median(
    p_x in utl_nla_array_dbl,
    p_weights in utl_nla_array_dbl,
    p_y in out nocopy utl_nla_array_dbl
  ) is
    l_count pls_integer := p_weights.count;
    l_from pls_integer := 0;
    l_order nn_double.t_shape;
    l_total binary_double;
    l_reached binary_double;
    l_has_nan boolean;
  begin
    nn_double.allocate(p_y, p_x.count / l_count);
    for i_row in 1 .. p_y.count loop
      l_order := order_of(p_x, l_from, l_count);
      l_total := 0d;
      l_has_nan := false;
      for i in 1 .. l_count loop
        l_total := l_total + p_weights(l_order(i));
        l_has_nan := l_has_nan or p_x(l_from + i) is nan;
      end loop;
      l_reached := 0d;
      for i in 1 .. l_count loop
        l_reached := l_reached + p_weights(l_order(i));
        p_y(i_row) := p_x(l_from + l_order(i));
        exit when l_reached >= 0.5d * l_total;
      end loop;
      if l_has_nan then
        p_y(i_row) := binary_double_nan;
      end if;
      l_from := l_from + l_count;
    end loop;
  end weighted_median;

  procedure decide(
    p_x in utl_nla_array_dbl,
    p_width in pls_integer,
    p_y in out nocopy utl_nla_array_dbl
  ) is
    l_from pls_integer := 0;
    l_best pls_integer;
    l_has_nan boolean;
  begin
    nn_double.allocate(p_y, p_x.count / p_width);
    for i_row in 1 .. p_y.count loop
      l_best := 1;
      l_has_nan := false;
      for i in 1 .. p_width loop
        l_has_nan := l_has_nan or p_x(l_from + i) is nan;
        if p_x(l_from + i) > p_x(l_from + l_best) then
          l_best := i;
        end if;
      end loop;
      p_y(i_row) := case
        when l_has_nan then binary_double_nan
        when p_width > 1 then to_binary_double(l_best - 1)
        when p_x(l_from + 1) > 0d then 1d
        else 0d
      end;
      l_from := l_from + p_width;
    end loop;
  end decide;
end nn_tables;
