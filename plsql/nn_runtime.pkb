create or replace package body nn_runtime is

  -- Windows over one, two or three axes, told as three: the missing ones have length 1.
  type t_windows is record (
    lengths t_shape,
    extents t_shape,
    strides t_shape,
    dilation t_shape,
    before t_shape,
    counts t_shape,
    taps pls_integer,
    places pls_integer
  );

  -- Arrays in and out.

  procedure allocate(
    p_y in out nocopy utl_nla_array_flt,
    p_count in pls_integer,
    p_value in binary_float default 0f
  ) is
  begin
    if p_count > gc_max_numbers then
      raise_application_error(
        gc_too_large,
        'an array of ' || p_count || ' numbers is needed, UTL_NLA takes '
        || gc_max_numbers || '; score shorter sequences'
      );
    end if;
    p_y := utl_nla_array_flt(p_value);
    if p_count > 1 then
      p_y.extend(p_count - 1, 1);
    end if;
  end allocate;

  procedure check_length(
    p_x in utl_nla_array_flt,
    p_numbers in pls_integer,
    p_is_free in boolean,
    p_input in varchar2
  ) is
    l_fits boolean;
  begin
    if p_is_free then
      l_fits := p_x.count > 0 and mod(p_x.count, p_numbers) = 0;
    else
      l_fits := p_x.count = p_numbers;
    end if;
    if not l_fits then
      raise_application_error(
        gc_wrong_length,
        'input "' || p_input || '" takes '
        || case when p_is_free then 'a multiple of ' end
        || p_numbers || ' numbers, got ' || p_x.count
      );
    end if;
  end check_length;

  function is_complete(
    p_x in utl_nla_array_flt,
    p_numbers in pls_integer,
    p_is_free in boolean,
    p_input in varchar2
  ) return boolean is
  begin
    if p_x is null then
      return false;
    end if;
    check_length(p_x, p_numbers, p_is_free, p_input);
    for i in 1 .. p_x.count loop
      if p_x(i) is null then
        return false;
      end if;
    end loop;
    return true;
  end is_complete;

  function cast_(p_x in utl_nla_array_dbl) return utl_nla_array_flt is
    l_y utl_nla_array_flt;
  begin
    if p_x is null then
      return null;
    end if;
    l_y := utl_nla_array_flt();
    l_y.extend(p_x.count);
    for i in 1 .. p_x.count loop
      l_y(i) := to_binary_float(p_x(i));
    end loop;
    return l_y;
  end cast_;

  function put_row(
    p_x in utl_nla_array_flt,
    p_row in pls_integer,
    p_numbers in pls_integer,
    p_input in varchar2,
    p_y in out nocopy utl_nla_array_flt
  ) return boolean is
    l_start pls_integer := (p_row - 1) * p_numbers;
  begin
    if p_x is null then
      return false;
    end if;
    check_length(p_x, p_numbers, false, p_input);
    for i in 1 .. p_numbers loop
      if p_x(i) is null then
        return false;
      end if;
      p_y(l_start + i) := p_x(i);
    end loop;
    return true;
  end put_row;

  -- Numbers of p_y from p_row on, counted in arrays like p_x, become p_x.
  procedure place_row(
    p_x in utl_nla_array_flt,
    p_row in pls_integer,
    p_y in out nocopy utl_nla_array_flt
  ) is
    l_start pls_integer := (p_row - 1) * p_x.count;
  begin
    for i in 1 .. p_x.count loop
      p_y(l_start + i) := p_x(i);
    end loop;
  end place_row;

  function get_row(
    p_x in utl_nla_array_flt,
    p_row in pls_integer,
    p_count in pls_integer
  ) return utl_nla_array_flt is
    l_start pls_integer := (p_row - 1) * p_count;
    l_y utl_nla_array_flt;
  begin
    allocate(l_y, p_count);
    for i in 1 .. p_count loop
      l_y(i) := p_x(l_start + i);
    end loop;
    return l_y;
  end get_row;

  function is_near(p_x in binary_double, p_expected in binary_double) return boolean is
  begin
    return p_x = p_expected or abs(p_x - p_expected) <= 1e-12d * abs(p_expected);
  end is_near;

  procedure check_part(
    p_data in utl_nla_array_flt,
    p_part in pls_integer,
    p_numbers in number,
    p_sum_1 in binary_double,
    p_sum_2 in binary_double,
    p_version in varchar2
  ) is
    l_sum_1 binary_double := 0d;
    l_sum_2 binary_double := 0d;
    l_number binary_double;
  begin
    if p_data is null or p_data.count <> p_numbers then
      raise_application_error(
        gc_altered_weights,
        'part ' || p_part || ' of the weights of version ' || p_version
        || ' does not hold ' || p_numbers || ' numbers; deploy the model again'
      );
    end if;
    for i in 1 .. p_data.count loop
      l_number := to_binary_double(p_data(i));
      if l_number is nan or l_number is infinite then -- of which no sum would be a number
        l_number := case when l_number is nan then 1d when l_number > 0d then 2d else 3d end;
      end if;
      l_sum_1 := l_sum_1 + l_number;
      l_sum_2 := l_sum_2 + l_sum_1;
    end loop;
    -- The sums in the table were read from text: the last bits of a literal are not relied on.
    if is_near(l_sum_1, p_sum_1) and is_near(l_sum_2, p_sum_2) then
      return;
    end if;
    raise_application_error(
      gc_altered_weights,
      'part ' || p_part || ' of the weights of version ' || p_version
      || ' was altered; deploy the model again'
    );
  end check_part;

  procedure check_parts(
    p_parts in t_blocks,
    p_count in pls_integer,
    p_version in varchar2
  ) is
  begin
    for i in 0 .. p_count - 1 loop
      if not p_parts.exists(i) then
        raise_application_error(
          gc_missing_weights,
          'part ' || i || ' of the ' || p_count || ' parts of the weights of version ' || p_version
          || ' is missing in export_model_weights; deploy the model again'
        );
      end if;
    end loop;
  end check_parts;

  function label_of(
    p_x in utl_nla_array_flt,
    p_row in pls_integer,
    p_labels in t_labels,
    p_threshold in binary_double default null
  ) return varchar2 is
    l_width pls_integer := case when p_threshold is null then p_labels.count else 1 end;
    l_start pls_integer := (p_row - 1) * l_width;
    l_best pls_integer := 1;
  begin
    for i in 1 .. l_width loop
      if p_x(l_start + i) is nan then
        return null;
      end if;
      if p_x(l_start + i) > p_x(l_start + l_best) then
        l_best := i;
      end if;
    end loop;
    if p_threshold is null then
      return p_labels(l_best);
    end if;
    return p_labels(case when to_binary_double(p_x(p_row)) > p_threshold then 2 else 1 end);
  end label_of;

  function label_at(
    p_x in utl_nla_array_flt,
    p_row in pls_integer,
    p_labels in t_labels
  ) return varchar2 is
  begin
    if p_x(p_row) is nan then
      return null;
    end if;
    return p_labels(p_x(p_row) + 1f);
  end label_at;

  function difference(
    p_x in utl_nla_array_flt,
    p_expected in utl_nla_array_flt
  ) return binary_double is
    l_x binary_double;
    l_expected binary_double;
    l_difference binary_double;
    l_worst binary_double := 0d;
  begin
    if p_x is null or p_x.count <> p_expected.count then
      return binary_double_infinity;
    end if;
    for i in 1 .. p_x.count loop
      l_x := to_binary_double(p_x(i));
      l_expected := to_binary_double(p_expected(i));
      if l_x is null then
        return binary_double_infinity;
      end if;
      if l_x is nan or l_expected is nan or l_x is infinite or l_expected is infinite then
        l_difference := case
          when l_x = l_expected or (l_x is nan and l_expected is nan) then 0d
          else binary_double_infinity
        end;
      else
        l_difference := abs(l_x - l_expected) / greatest(1d, abs(l_expected));
      end if;
      l_worst := greatest(l_worst, l_difference);
    end loop;
    return l_worst;
  end difference;

  function number_of(p_x in utl_nla_array_flt, p_place in number) return binary_double is
  begin
    return to_binary_double(p_x(p_place));
  end number_of;

  -- Products with weights.

  -- p_y of p_rows rows, each the bias.
  procedure put_bias(
    p_bias in utl_nla_array_flt,
    p_rows in pls_integer,
    p_units in pls_integer,
    p_y in out nocopy utl_nla_array_flt
  ) is
    l_ones utl_nla_array_flt;
  begin
    if p_bias is null then
      allocate(p_y, p_rows * p_units);
    elsif p_rows = 1 then
      p_y := p_bias;
    else
      allocate(p_y, p_rows * p_units);
      allocate(l_ones, p_rows, 1f);
      -- The outer product of bias and ones, as a product of matrices: of blas_ger the manual and
      -- the package that Oracle ships have different declarations.
      utl_nla.blas_gemm(
        'N', 'N', p_units, p_rows, 1, 1f, p_bias, p_units, l_ones, 1, 0f, p_y, p_units
      );
    end if;
  end put_bias;

  -- p_y = p_y + x @ kernel.
  procedure add_product(
    p_x in utl_nla_array_flt,
    p_rows in pls_integer,
    p_inputs in pls_integer,
    p_units in pls_integer,
    p_kernel in t_blocks,
    p_y in out nocopy utl_nla_array_flt
  ) is
    l_x utl_nla_array_flt;
    l_width pls_integer;
    l_start pls_integer := 0;
  begin
    if p_kernel.count = 1 then
      utl_nla.blas_gemm(
        'N', 'N', p_units, p_rows, p_inputs, 1f, p_kernel(1), p_units, p_x, p_inputs,
        1f, p_y, p_units
      );
      return;
    end if;
    for i_block in 1 .. p_kernel.count loop
      l_width := p_kernel(i_block).count / p_units;
      allocate(l_x, p_rows * l_width);
      for i_row in 0 .. p_rows - 1 loop
        for i in 1 .. l_width loop
          l_x(i_row * l_width + i) := p_x(i_row * p_inputs + l_start + i);
        end loop;
      end loop;
      utl_nla.blas_gemm(
        'N', 'N', p_units, p_rows, l_width, 1f, p_kernel(i_block), p_units, l_x, l_width,
        1f, p_y, p_units
      );
      l_start := l_start + l_width;
    end loop;
  end add_product;

  procedure dense(
    p_x in utl_nla_array_flt,
    p_rows in pls_integer,
    p_inputs in pls_integer,
    p_units in pls_integer,
    p_kernel in t_blocks,
    p_bias in utl_nla_array_flt,
    p_y in out nocopy utl_nla_array_flt
  ) is
  begin
    put_bias(p_bias, p_rows, p_units, p_y);
    add_product(p_x, p_rows, p_inputs, p_units, p_kernel, p_y);
  end dense;

  function count_windows(
    p_length in pls_integer,
    p_size in pls_integer,
    p_stride in pls_integer,
    p_dilation in pls_integer,
    p_padding in varchar2
  ) return pls_integer is
    l_span pls_integer := (p_size - 1) * p_dilation + 1;
  begin
    if p_padding <> 'valid' then
      return floor((p_length - 1) / p_stride) + 1;
    end if;
    if p_length < l_span then
      raise_application_error(
        gc_too_short,
        'a sequence of ' || p_length || ' is too short, the model needs ' || l_span
      );
    end if;
    return floor((p_length - l_span) / p_stride) + 1;
  end count_windows;

  -- Three lengths: ones, then p_shape.
  function to_three(p_shape in t_shape) return t_shape is
    l_three t_shape := t_shape(1, 1, 1);
  begin
    for i in 1 .. p_shape.count loop
      l_three(3 - p_shape.count + i) := p_shape(i);
    end loop;
    return l_three;
  end to_three;

  function place_windows(
    p_lengths in t_shape,
    p_size in t_shape,
    p_strides in t_shape,
    p_dilation in t_shape,
    p_padding in varchar2
  ) return t_windows is
    l_windows t_windows;
    l_span pls_integer;
    l_padding pls_integer;
  begin
    l_windows.lengths := to_three(p_lengths);
    l_windows.extents := to_three(p_size);
    l_windows.strides := to_three(p_strides);
    l_windows.dilation := to_three(p_dilation);
    l_windows.before := t_shape(0, 0, 0);
    l_windows.counts := t_shape(1, 1, 1);
    l_windows.taps := 1;
    l_windows.places := 1;
    for i in 1 .. 3 loop
      l_windows.counts(i) := count_windows(
        l_windows.lengths(i), l_windows.extents(i), l_windows.strides(i), l_windows.dilation(i),
        p_padding
      );
      l_span := (l_windows.extents(i) - 1) * l_windows.dilation(i) + 1;
      if p_padding = 'causal' then
        l_windows.before(i) := l_span - 1;
      elsif p_padding = 'same' then
        l_padding := (l_windows.counts(i) - 1) * l_windows.strides(i) + l_span
          - l_windows.lengths(i);
        l_windows.before(i) := floor(greatest(0, l_padding) / 2);
      end if;
      l_windows.taps := l_windows.taps * l_windows.extents(i);
      l_windows.places := l_windows.places * l_windows.counts(i);
    end loop;
    return l_windows;
  end place_windows;

  -- Window p_window, counted from 0: its row, then its place along each axis.
  function find_window(p_windows in t_windows, p_window in pls_integer) return t_shape is
    l_at t_shape := t_shape(0, 0, 0, 0);
    l_rest pls_integer := p_window;
  begin
    for i in reverse 1 .. 3 loop
      l_at(i + 1) := mod(l_rest, p_windows.counts(i));
      l_rest := floor(l_rest / p_windows.counts(i));
    end loop;
    l_at(1) := l_rest;
    return l_at;
  end find_window;

  -- The window after p_at.
  procedure advance(p_windows in t_windows, p_at in out nocopy t_shape) is
  begin
    for i in reverse 2 .. 4 loop
      p_at(i) := p_at(i) + 1;
      if p_at(i) < p_windows.counts(i - 1) then
        return;
      end if;
      p_at(i) := 0;
    end loop;
    p_at(1) := p_at(1) + 1;
  end advance;

  -- Where each tap of a window lies among the positions of all rows, counted from 0; null where
  -- that is outside. Integer division is that of NUMBER, in decimal software: there is none here.
  procedure find_taps(
    p_windows in t_windows,
    p_at in t_shape,
    p_places in out nocopy t_shape
  ) is
    l_tap pls_integer := 0;
    l_at_1 pls_integer := p_at(2) * p_windows.strides(1) - p_windows.before(1);
    l_at_2 pls_integer;
    l_at_3 pls_integer;
    l_line pls_integer;
  begin
    for i_1 in 1 .. p_windows.extents(1) loop
      l_at_2 := p_at(3) * p_windows.strides(2) - p_windows.before(2);
      for i_2 in 1 .. p_windows.extents(2) loop
        l_at_3 := p_at(4) * p_windows.strides(3) - p_windows.before(3);
        l_line := null;
        if l_at_1 between 0 and p_windows.lengths(1) - 1
          and l_at_2 between 0 and p_windows.lengths(2) - 1 then
          l_line := ((p_at(1) * p_windows.lengths(1) + l_at_1) * p_windows.lengths(2) + l_at_2)
            * p_windows.lengths(3);
        end if;
        for i_3 in 1 .. p_windows.extents(3) loop
          l_tap := l_tap + 1;
          p_places(l_tap) := case
            when l_at_3 between 0 and p_windows.lengths(3) - 1 then l_line + l_at_3
          end;
          l_at_3 := l_at_3 + p_windows.dilation(3);
        end loop;
        l_at_2 := l_at_2 + p_windows.dilation(2);
      end loop;
      l_at_1 := l_at_1 + p_windows.dilation(1);
    end loop;
  end find_taps;

  function places_for(p_windows in t_windows) return t_shape is
    l_places t_shape := t_shape();
  begin
    l_places.extend(p_windows.taps);
    return l_places;
  end places_for;

  -- Windows p_first and the p_count - 1 after it, side by side: a row of taps and channels each.
  procedure put_patches(
    p_x in utl_nla_array_flt,
    p_windows in t_windows,
    p_channels in pls_integer,
    p_first in pls_integer,
    p_count in pls_integer,
    p_y in out nocopy utl_nla_array_flt
  ) is
    l_at t_shape := find_window(p_windows, p_first);
    l_places t_shape := places_for(p_windows);
    l_to pls_integer := 0;
    l_from pls_integer;
  begin
    allocate(p_y, p_count * p_windows.taps * p_channels);
    for i_window in 1 .. p_count loop
      find_taps(p_windows, l_at, l_places);
      for i_tap in 1 .. p_windows.taps loop
        if l_places(i_tap) is not null then
          l_from := l_places(i_tap) * p_channels;
          for i in 1 .. p_channels loop
            p_y(l_to + i) := p_x(l_from + i);
          end loop;
        end if;
        l_to := l_to + p_channels;
      end loop;
      advance(p_windows, l_at);
    end loop;
  end put_patches;

  -- Convolution whose inputs' channels fall into groups: no product of matrices fits, but there are
  -- only as many products as filters times taps times the channels of a group.
  procedure add_grouped(
    p_x in utl_nla_array_flt,
    p_rows in pls_integer,
    p_windows in t_windows,
    p_channels in pls_integer,
    p_groups in pls_integer,
    p_filters in pls_integer,
    p_kernel in utl_nla_array_flt,
    p_y in out nocopy utl_nla_array_flt
  ) is
    l_depth pls_integer := p_channels / p_groups;
    l_width pls_integer := p_filters / p_groups;
    l_at t_shape := t_shape(0, 0, 0, 0);
    l_places t_shape := places_for(p_windows);
    l_to pls_integer := 0;
    l_from pls_integer;
    l_weight pls_integer;
    l_x binary_double;
    l_sum binary_double;
  begin
    for i_window in 1 .. p_rows * p_windows.places loop
      find_taps(p_windows, l_at, l_places);
      for i_filter in 1 .. p_filters loop
        l_to := l_to + 1;
        l_sum := to_binary_double(p_y(l_to));
        l_from := floor((i_filter - 1) / l_width) * l_depth;
        for i_tap in 1 .. p_windows.taps loop
          if l_places(i_tap) is not null then
            l_weight := (i_tap - 1) * l_depth * p_filters + i_filter;
            for i in 1 .. l_depth loop
              l_x := to_binary_double(p_x(l_places(i_tap) * p_channels + l_from + i));
              l_sum := l_sum + l_x * to_binary_double(p_kernel(l_weight));
              l_weight := l_weight + p_filters;
            end loop;
          end if;
        end loop;
        p_y(l_to) := to_binary_float(l_sum);
      end loop;
      advance(p_windows, l_at);
    end loop;
  end add_grouped;

  procedure conv(
    p_x in utl_nla_array_flt,
    p_rows in pls_integer,
    p_lengths in t_shape,
    p_channels in pls_integer,
    p_size in t_shape,
    p_strides in t_shape,
    p_dilation in t_shape,
    p_padding in varchar2,
    p_groups in pls_integer,
    p_filters in pls_integer,
    p_kernel in t_blocks,
    p_bias in utl_nla_array_flt,
    p_y in out nocopy utl_nla_array_flt
  ) is
    l_windows t_windows := place_windows(p_lengths, p_size, p_strides, p_dilation, p_padding);
    l_all pls_integer := p_rows * l_windows.places;
    l_inputs pls_integer := l_windows.taps * p_channels;
    l_most pls_integer := floor(gc_max_numbers / l_inputs);
    l_first pls_integer := 0;
    l_count pls_integer;
    l_patches utl_nla_array_flt;
    l_part utl_nla_array_flt;
  begin
    if p_groups > 1 then
      put_bias(p_bias, l_all, p_filters, p_y);
      add_grouped(
        p_x, p_rows, l_windows, p_channels, p_groups, p_filters, p_kernel(1), p_y
      );
    elsif l_inputs = p_channels and l_windows.places * p_rows * p_channels = p_x.count then
      -- One tap, every position: the windows are the input.
      dense(p_x, l_all, p_channels, p_filters, p_kernel, p_bias, p_y);
    elsif l_all <= l_most then
      put_patches(p_x, l_windows, p_channels, 0, l_all, l_patches);
      dense(l_patches, l_all, l_inputs, p_filters, p_kernel, p_bias, p_y);
    else
      allocate(p_y, l_all * p_filters);
      while l_first < l_all loop
        l_count := least(l_most, l_all - l_first);
        put_patches(p_x, l_windows, p_channels, l_first, l_count, l_patches);
        dense(l_patches, l_count, l_inputs, p_filters, p_kernel, p_bias, l_part);
        for i in 1 .. l_part.count loop
          p_y(l_first * p_filters + i) := l_part(i);
        end loop;
        l_first := l_first + l_count;
      end loop;
    end if;
  end conv;

  procedure conv_transpose(
    p_x in utl_nla_array_flt,
    p_rows in pls_integer,
    p_lengths in t_shape,
    p_channels in pls_integer,
    p_size in t_shape,
    p_strides in t_shape,
    p_dilation in t_shape,
    p_before in t_shape,
    p_after in t_shape,
    p_filters in pls_integer,
    p_kernel in t_blocks,
    p_bias in utl_nla_array_flt,
    p_y in out nocopy utl_nla_array_flt
  ) is
    l_windows t_windows;
    l_lengths t_shape := t_shape();
    l_places pls_integer := p_rows;
    l_positions pls_integer := p_rows;
    l_width pls_integer;
    l_step pls_integer;
    l_count pls_integer;
    l_first pls_integer := 0;
    l_x utl_nla_array_flt;
    l_products utl_nla_array_flt;
    l_at t_shape := t_shape(0, 0, 0, 0);
    l_places_of_taps t_shape;
    l_to pls_integer;
    l_from pls_integer;
  begin
    l_lengths.extend(p_lengths.count);
    for i in 1 .. p_lengths.count loop
      l_lengths(i) := (p_lengths(i) - 1) * p_strides(i) + (p_size(i) - 1) * p_dilation(i) + 1
        - p_before(i) - p_after(i);
      l_places := l_places * l_lengths(i);
      l_positions := l_positions * p_lengths(i);
    end loop;
    put_bias(p_bias, l_places, p_filters, p_y);
    -- What a convolution would read from is what is added to here.
    l_windows.lengths := to_three(l_lengths);
    l_windows.extents := to_three(p_size);
    l_windows.strides := to_three(p_strides);
    l_windows.dilation := to_three(p_dilation);
    l_windows.counts := to_three(p_lengths);
    l_windows.before := to_three(p_before);
    for i in 1 .. 3 - p_lengths.count loop
      l_windows.before(i) := 0;
    end loop;
    l_windows.taps := l_windows.extents(1) * l_windows.extents(2) * l_windows.extents(3);
    l_places_of_taps := places_for(l_windows);
    l_width := l_windows.taps * p_filters;
    l_step := floor(gc_max_numbers / greatest(l_width, p_channels));
    while l_first < l_positions loop
      l_count := least(l_step, l_positions - l_first);
      allocate(l_x, l_count * p_channels);
      for i in 1 .. l_x.count loop
        l_x(i) := p_x(l_first * p_channels + i);
      end loop;
      allocate(l_products, l_count * l_width);
      utl_nla.blas_gemm(
        'T', 'N', l_width, l_count, p_channels, 1f, p_kernel(1), p_channels, l_x, p_channels,
        0f, l_products, l_width
      );
      l_from := 0;
      for i_place in 1 .. l_count loop
        find_taps(l_windows, l_at, l_places_of_taps);
        for i_tap in 1 .. l_windows.taps loop
          if l_places_of_taps(i_tap) is not null then
            l_to := l_places_of_taps(i_tap) * p_filters;
            for i in 1 .. p_filters loop
              p_y(l_to + i) := p_y(l_to + i) + l_products(l_from + i);
            end loop;
          end if;
          l_from := l_from + p_filters;
        end loop;
        advance(l_windows, l_at);
      end loop;
      l_first := l_first + l_count;
    end loop;
  end conv_transpose;

  procedure locally_connected(
    p_x in utl_nla_array_flt,
    p_rows in pls_integer,
    p_lengths in t_shape,
    p_channels in pls_integer,
    p_size in t_shape,
    p_strides in t_shape,
    p_filters in pls_integer,
    p_kernel in utl_nla_array_flt,
    p_bias in utl_nla_array_flt,
    p_y in out nocopy utl_nla_array_flt
  ) is
    l_windows t_windows := place_windows(p_lengths, p_size, p_strides, t_shape(1, 1, 1), 'valid');
    l_at t_shape := t_shape(0, 0, 0, 0);
    l_places t_shape := places_for(l_windows);
    l_in_place pls_integer := l_windows.taps * p_channels * p_filters;
    l_to pls_integer := 0;
    l_weight pls_integer;
    l_sum binary_double;
  begin
    put_bias(p_bias, p_rows, l_windows.places * p_filters, p_y);
    for i_row in 1 .. p_rows loop
      for i_place in 0 .. l_windows.places - 1 loop
        find_taps(l_windows, l_at, l_places);
        for i_filter in 1 .. p_filters loop
          l_to := l_to + 1;
          l_weight := i_place * l_in_place + i_filter;
          l_sum := to_binary_double(p_y(l_to));
          for i_tap in 1 .. l_windows.taps loop
            for i in 1 .. p_channels loop
              l_sum := l_sum + to_binary_double(p_kernel(l_weight))
                * to_binary_double(p_x(l_places(i_tap) * p_channels + i));
              l_weight := l_weight + p_filters;
            end loop;
          end loop;
          p_y(l_to) := to_binary_float(l_sum);
        end loop;
        advance(l_windows, l_at);
      end loop;
    end loop;
  end locally_connected;

  -- Raises ex_bad_index unless p_x is a whole number from 0 to p_count - 1.
  function to_index(p_x in binary_float, p_count in pls_integer) return pls_integer is
  begin
    if p_x is not nan and p_x >= 0f and p_x < to_binary_float(p_count) and p_x = floor(p_x) then
      return p_x;
    end if;
    raise_application_error(
      gc_bad_index,
      to_char(p_x) || ' is not an index: give whole numbers from 0 to ' || (p_count - 1)
    );
  end to_index;

  procedure embedding(
    p_x in utl_nla_array_flt,
    p_vocabulary in pls_integer,
    p_width in pls_integer,
    p_table in t_blocks,
    p_y in out nocopy utl_nla_array_flt
  ) is
    l_in_block pls_integer := p_table(1).count / p_width;
    l_index pls_integer;
    l_block pls_integer;
    l_from pls_integer;
    l_to pls_integer := 0;
  begin
    allocate(p_y, p_x.count * p_width);
    for i_number in 1 .. p_x.count loop
      l_index := to_index(p_x(i_number), p_vocabulary);
      l_block := floor(l_index / l_in_block) + 1;
      l_from := mod(l_index, l_in_block) * p_width;
      for i in 1 .. p_width loop
        p_y(l_to + i) := p_table(l_block)(l_from + i);
      end loop;
      l_to := l_to + p_width;
    end loop;
  end embedding;

  -- Weights of each number.

  procedure affine(
    p_y in out nocopy utl_nla_array_flt,
    p_scale in utl_nla_array_flt,
    p_offset in utl_nla_array_flt,
    p_inner in pls_integer default 1
  ) is
    l_at pls_integer := 0;
  begin
    while l_at < p_y.count loop
      for i_weight in 1 .. p_scale.count loop
        for i in l_at + 1 .. l_at + p_inner loop
          p_y(i) := p_y(i) * p_scale(i_weight) + p_offset(i_weight);
        end loop;
        l_at := l_at + p_inner;
      end loop;
    end loop;
  end affine;

  procedure standardize(
    p_y in out nocopy utl_nla_array_flt,
    p_mean in utl_nla_array_flt,
    p_deviation in utl_nla_array_flt,
    p_inner in pls_integer default 1
  ) is
    l_at pls_integer := 0;
  begin
    while l_at < p_y.count loop
      for i_weight in 1 .. p_mean.count loop
        for i in l_at + 1 .. l_at + p_inner loop
          p_y(i) := (p_y(i) - p_mean(i_weight)) / p_deviation(i_weight);
        end loop;
        l_at := l_at + p_inner;
      end loop;
    end loop;
  end standardize;

  procedure prelu(
    p_y in out nocopy utl_nla_array_flt,
    p_alpha in utl_nla_array_flt,
    p_inner in pls_integer default 1
  ) is
    l_at pls_integer := 0;
  begin
    while l_at < p_y.count loop
      for i_weight in 1 .. p_alpha.count loop
        for i in l_at + 1 .. l_at + p_inner loop
          if p_y(i) < 0f then
            p_y(i) := p_y(i) * p_alpha(i_weight);
          end if;
        end loop;
        l_at := l_at + p_inner;
      end loop;
    end loop;
  end prelu;

  procedure constant_(
    p_value in utl_nla_array_flt,
    p_rows in pls_integer,
    p_y in out nocopy utl_nla_array_flt
  ) is
  begin
    put_bias(p_value, p_rows, p_value.count, p_y);
  end constant_;

  -- Functions of each number. Whether NaN equals itself and is greater than every number in PL/SQL,
  -- as it is in SQL, no manual says: nothing here depends on it.

  function gate(
    p_function in varchar2,
    p_negative_slope in binary_double default null,
    p_max_value in binary_double default null,
    p_threshold in binary_double default null,
    p_slope in binary_double default null,
    p_intercept in binary_double default null,
    p_alpha in binary_double default null,
    p_is_approximate in boolean default false
  ) return t_gate is
    l_gate t_gate;
  begin
    l_gate.function_name := p_function;
    l_gate.negative_slope := p_negative_slope;
    l_gate.max_value := p_max_value;
    l_gate.threshold := p_threshold;
    l_gate.slope := p_slope;
    l_gate.intercept := p_intercept;
    l_gate.alpha := p_alpha;
    l_gate.is_approximate := p_is_approximate;
    return l_gate;
  end gate;

  -- 1 / (1 + exp(-x)); exp never gets a positive number and cannot overflow.
  function sigmoid(p_x in binary_double) return binary_double is
    l_e binary_double := exp(-abs(p_x));
  begin
    return case when p_x >= 0d then 1d / (1d + l_e) else l_e / (1d + l_e) end;
  end sigmoid;

  -- log(1 + exp(x)).
  function softplus(p_x in binary_double) return binary_double is
  begin
    return greatest(p_x, 0d) + ln(1d + exp(-abs(p_x)));
  end softplus;

  -- exp(x) - 1 for x <= 0: near 0 by its series, where the subtraction would cancel.
  function expm1(p_x in binary_double) return binary_double is
  begin
    if abs(p_x) < 1e-5d then
      return p_x + p_x * p_x / 2d;
    end if;
    return exp(p_x) - 1d;
  end expm1;

  -- Rational approximation within 3e-7; beyond 3.74 it is 1 exactly.
  function erf(p_x in binary_double) return binary_double is
    l_z binary_double := p_x * p_x;
    l_p binary_double;
    l_q binary_double;
  begin
    if abs(p_x) >= 3.7439211627767994d then
      return case when p_x is nan then p_x when p_x > 0d then 1d else -1d end;
    end if;
    l_p := l_z * 0.00022905065861350646d + 0.0034082910107109506d;
    l_p := (l_p * l_z + 0.050955695062380861d) * l_z + 0.18520832239976145d;
    l_p := l_p * l_z + 1.128379143519084d;
    l_q := l_z * -1.1791602954361697e-7d + 0.000023547966471313185d;
    l_q := (l_q * l_z + 0.0010179625278914885d) * l_z + 0.014070470171167667d;
    l_q := (l_q * l_z + 0.11098505178285362d) * l_z + 0.49746925110067538d;
    l_q := l_q * l_z + 1d;
    return p_x * l_p / l_q;
  end erf;

  function gelu(p_x in binary_double, p_is_approximate in boolean) return binary_double is
  begin
    if p_is_approximate then
      -- TensorFlow rounds the factor of the cube to BINARY_FLOAT, whatever it computes in.
      return 0.5d * p_x
        * (1d + tanh(0.7978845608028654d * (p_x + 0.04471499845385551d * p_x * p_x * p_x)));
    end if;
    return 0.5d * p_x * (1d + erf(p_x * 0.7071067811865476d));
  end gelu;

  -- NaN stays what it is.
  procedure clip(
    p_y in out nocopy utl_nla_array_flt,
    p_low in binary_float,
    p_high in binary_float
  ) is
  begin
    for i in 1 .. p_y.count loop
      if p_y(i) < p_low then
        p_y(i) := p_low;
      elsif p_y(i) > p_high and p_y(i) is not nan then
        p_y(i) := p_high;
      end if;
    end loop;
  end clip;

  procedure relu(p_y in out nocopy utl_nla_array_flt, p_gate in t_gate) is
    l_threshold binary_float := nvl(to_binary_float(p_gate.threshold), 0f);
    l_slope binary_float := nvl(to_binary_float(p_gate.negative_slope), 0f);
    l_top binary_float := to_binary_float(p_gate.max_value);
    -- NaN is not above a threshold, so that it gives 0 there, unless a slope makes it NaN again.
    l_drops_nan boolean := l_threshold <> 0f and l_slope = 0f;
  begin
    for i in 1 .. p_y.count loop
      if p_y(i) <= l_threshold then
        p_y(i) := case when l_slope = 0f then 0f else l_slope * (p_y(i) - l_threshold) end;
      elsif p_y(i) > l_top and p_y(i) is not nan then
        p_y(i) := l_top;
      elsif p_y(i) < 0f and l_top is not null then
        p_y(i) := 0f;
      elsif l_drops_nan and p_y(i) is nan then
        p_y(i) := 0f;
      end if;
    end loop;
  end relu;

  procedure hard_sigmoid(p_y in out nocopy utl_nla_array_flt, p_gate in t_gate) is
    l_slope binary_float := nvl(to_binary_float(p_gate.slope), 1f / 6f);
    l_intercept binary_float := nvl(to_binary_float(p_gate.intercept), 0.5f);
  begin
    for i in 1 .. p_y.count loop
      p_y(i) := p_y(i) * l_slope + l_intercept;
    end loop;
    clip(p_y, 0f, 1f);
  end hard_sigmoid;

  -- Activations whose values need exp, ln or tanh.
  function smooth(
    p_function in varchar2,
    p_x in binary_double,
    p_alpha in binary_double,
    p_is_approximate in boolean
  ) return binary_double is
  begin
    case p_function
      when 'log_sigmoid' then
        return -softplus(-p_x);
      when 'exponential' then
        return exp(p_x);
      when 'elu' then
        return case when p_x > 0d then p_x else nvl(p_alpha, 1d) * expm1(p_x) end;
      when 'celu' then
        return case
          when p_x > 0d then p_x
          else nvl(p_alpha, 1d) * expm1(p_x / nvl(p_alpha, 1d))
        end;
      when 'selu' then
        return 1.0507009873554805d
          * case when p_x > 0d then p_x else 1.6732632423543772d * expm1(p_x) end;
      when 'silu' then
        return p_x * sigmoid(p_x);
      when 'mish' then
        return p_x * tanh(softplus(p_x));
      when 'gelu' then
        return gelu(p_x, p_is_approximate);
      when 'squareplus' then
        return (p_x + sqrt(p_x * p_x + nvl(p_alpha, 4d))) / 2d;
      when 'tanh_shrink' then
        return p_x - tanh(p_x);
      else
        raise_application_error(
          gc_unknown_function, 'there is no activation "' || p_function || '"'
        );
    end case;
  end smooth;

  -- Activations that are pieces of lines and parabolas.
  procedure bend(
    p_y in out nocopy utl_nla_array_flt,
    p_function in varchar2,
    p_gate in t_gate
  ) is
    l_slope binary_float := nvl(to_binary_float(p_gate.negative_slope), 0.2f);
    l_limit binary_float := to_binary_float(p_gate.threshold);
    l_x binary_float;
  begin
    for i in 1 .. p_y.count loop
      l_x := p_y(i);
      case p_function
        when 'leaky_relu' then
          if l_x < 0f then
            p_y(i) := l_x * l_slope;
          end if;
        when 'threshold_relu' then
          if l_x <= nvl(l_limit, 1f) then
            p_y(i) := l_x * 0f; -- NaN for an infinite one
          end if;
        when 'hard_shrink' then
          if abs(l_x) <= nvl(l_limit, 0.5f) or l_x is nan then
            p_y(i) := 0f;
          end if;
        when 'soft_shrink' then
          p_y(i) := case
            when l_x is nan then 0f
            when l_x > nvl(l_limit, 0.5f) then l_x - nvl(l_limit, 0.5f)
            when l_x < -nvl(l_limit, 0.5f) then l_x + nvl(l_limit, 0.5f)
            else 0f
          end;
        when 'softsign' then
          p_y(i) := l_x / (1f + abs(l_x));
        when 'sparse_plus' then
          if l_x <= -1f then
            p_y(i) := 0f;
          elsif l_x < 1f then
            p_y(i) := (l_x + 1f) * (l_x + 1f) / 4f;
          end if;
        when 'sparse_sigmoid' then
          p_y(i) := (l_x + 1f) / 2f;
      end case;
    end loop;
    if p_function = 'sparse_sigmoid' then
      clip(p_y, 0f, 1f);
    end if;
  end bend;

  procedure activation(p_y in out nocopy utl_nla_array_flt, p_gate in t_gate) is
    l_function varchar2(30) := p_gate.function_name;
    l_x utl_nla_array_flt;
  begin
    case
      when l_function = 'linear' then
        null;
      when l_function = 'relu' then
        relu(p_y, p_gate);
      when l_function = 'sigmoid' then
        for i in 1 .. p_y.count loop
          p_y(i) := to_binary_float(sigmoid(to_binary_double(p_y(i))));
        end loop;
      when l_function = 'tanh' then
        for i in 1 .. p_y.count loop
          p_y(i) := to_binary_float(tanh(to_binary_double(p_y(i))));
        end loop;
      when l_function = 'softplus' then
        for i in 1 .. p_y.count loop
          p_y(i) := to_binary_float(softplus(to_binary_double(p_y(i))));
        end loop;
      when l_function = 'relu6' then
        clip(p_y, 0f, 6f);
      when l_function = 'hard_tanh' then
        clip(p_y, -1f, 1f);
      when l_function = 'hard_sigmoid' then
        hard_sigmoid(p_y, p_gate);
      when l_function = 'hard_silu' then
        l_x := p_y;
        hard_sigmoid(p_y, p_gate);
        multiply(p_y, l_x);
      when l_function in (
        'leaky_relu', 'threshold_relu', 'hard_shrink', 'soft_shrink', 'softsign', 'sparse_plus',
        'sparse_sigmoid'
      ) then
        bend(p_y, l_function, p_gate);
      else
        for i in 1 .. p_y.count loop
          p_y(i) := to_binary_float(
            smooth(l_function, to_binary_double(p_y(i)), p_gate.alpha, p_gate.is_approximate)
          );
        end loop;
    end case;
  end activation;

  procedure activation(p_y in out nocopy utl_nla_array_flt, p_function in varchar2) is
  begin
    activation(p_y, gate(p_function));
  end activation;

  -- The whole number nearest to x, of two the even one.
  function to_even(p_x in binary_double) return binary_double is
    l_floor binary_double := floor(p_x);
  begin
    if p_x - l_floor = 0.5d then
      return 2d * floor((l_floor + 1d) / 2d);
    end if;
    return floor(p_x + 0.5d);
  end to_even;

  -- ln of a number that may be 0 or negative, of which no manual says what LN is.
  function logarithm(p_x in binary_double) return binary_double is
  begin
    if p_x is nan or p_x < 0d then
      return binary_double_nan;
    elsif p_x = 0d then
      return -binary_double_infinity;
    end if;
    return ln(p_x);
  end logarithm;

  -- x to the power of y, also where POWER is told of nowhere: of a negative number and a fraction, and
  -- of 0 and a negative one.
  function raised(p_x in binary_double, p_y in binary_double) return binary_double is
  begin
    if p_x is nan or p_y is nan or p_x > 0d then
      return power(p_x, p_y);
    elsif p_x = 0d and p_y < 0d then
      return binary_double_infinity;
    elsif p_y is infinite or (p_x is infinite and p_y <> floor(p_y)) then
      return power(abs(p_x), p_y);
    elsif p_x < 0d and p_y <> floor(p_y) then
      return binary_double_nan;
    end if;
    return power(p_x, p_y);
  end raised;

  function unary_of(p_function in varchar2, p_x in binary_double) return binary_double is
  begin
    case p_function
      when 'abs' then
        return abs(p_x);
      when 'negative' then
        return -p_x;
      when 'log' then
        return logarithm(p_x);
      when 'exp' then
        return exp(p_x);
      when 'expm1' then
        return expm1(p_x);
      when 'log1p' then
        return case
          when abs(p_x) < 1e-5d then p_x - p_x * p_x / 2d
          else logarithm(1d + p_x)
        end;
      when 'sqrt' then
        return sqrt(p_x);
      when 'rsqrt' then
        return 1d / sqrt(p_x);
      when 'square' then
        return p_x * p_x;
      when 'reciprocal' then
        return 1d / p_x;
      when 'sign' then
        return case
          when p_x is nan then p_x
          when p_x > 0d then 1d
          when p_x < 0d then -1d
          else 0d
        end;
      when 'floor' then
        return floor(p_x);
      when 'ceil' then
        return ceil(p_x);
      when 'round' then
        return to_even(p_x);
      when 'trunc' then
        return case when p_x < 0d then ceil(p_x) else floor(p_x) end + 0d;
      when 'sin' then
        return sin(p_x);
      when 'cos' then
        return cos(p_x);
      when 'tan' then
        return tan(p_x);
      when 'arctan' then
        return atan(p_x);
      when 'sinh' then
        return sinh(p_x);
      when 'cosh' then
        return cosh(p_x);
      when 'erf' then
        return erf(p_x);
      when 'isnan' then
        return case when p_x is nan then 1d else 0d end;
      when 'isinf' then
        return case when p_x is infinite then 1d else 0d end;
      when 'isfinite' then
        return case when p_x is nan or p_x is infinite then 0d else 1d end;
      else
        raise_application_error(
          gc_unknown_function, 'there is no function "' || p_function || '"'
        );
    end case;
  end unary_of;

  procedure unary(p_y in out nocopy utl_nla_array_flt, p_function in varchar2) is
  begin
    for i in 1 .. p_y.count loop
      p_y(i) := to_binary_float(unary_of(p_function, to_binary_double(p_y(i))));
    end loop;
  end unary;

  procedure not_equal(p_y in out nocopy utl_nla_array_flt, p_value in binary_float) is
  begin
    for i in 1 .. p_y.count loop
      p_y(i) := case when p_y(i) = p_value then 0f else 1f end;
    end loop;
  end not_equal;

  procedure fill(p_y in out nocopy utl_nla_array_flt, p_value in binary_float) is
  begin
    allocate(p_y, p_y.count, p_value);
  end fill;

  -- How many of the ascending numbers are at most x, or below x. NaN is above all of them.
  function count_below(
    p_numbers in utl_nla_array_flt,
    p_x in binary_float,
    p_is_strict in boolean
  ) return pls_integer is
    l_low pls_integer := 0;
    l_high pls_integer := p_numbers.count;
    l_middle pls_integer;
  begin
    if p_x is nan then
      return l_high;
    end if;
    while l_low < l_high loop
      l_middle := floor((l_low + l_high) / 2);
      if p_numbers(l_middle + 1) < p_x or (not p_is_strict and p_numbers(l_middle + 1) = p_x) then
        l_low := l_middle + 1;
      else
        l_high := l_middle;
      end if;
    end loop;
    return l_low;
  end count_below;

  procedure bucketize(
    p_y in out nocopy utl_nla_array_flt,
    p_boundaries in utl_nla_array_flt
  ) is
  begin
    for i in 1 .. p_y.count loop
      p_y(i) := count_below(p_boundaries, p_y(i), false);
    end loop;
  end bucketize;

  procedure lookup(
    p_y in out nocopy utl_nla_array_flt,
    p_keys in utl_nla_array_flt,
    p_values in utl_nla_array_flt,
    p_default in binary_float
  ) is
    l_x binary_float;
    l_place pls_integer;
  begin
    for i in 1 .. p_y.count loop
      l_x := case when p_y(i) < 0f then ceil(p_y(i)) else floor(p_y(i)) end;
      l_place := count_below(p_keys, l_x, true) + 1;
      p_y(i) := p_default;
      if l_place <= p_keys.count then
        if p_keys(l_place) = l_x then
          p_y(i) := p_values(l_place);
        end if;
      end if;
    end loop;
  end lookup;

  procedure encode(
    p_x in utl_nla_array_flt,
    p_length in pls_integer,
    p_depth in pls_integer,
    p_mode in varchar2,
    p_y in out nocopy utl_nla_array_flt
  ) is
    l_together pls_integer := case when p_mode = 'one_hot' then 1 else p_length end;
    l_at pls_integer;
  begin
    allocate(p_y, p_x.count / l_together * p_depth);
    for i in 1 .. p_x.count loop
      l_at := floor((i - 1) / l_together) * p_depth + to_index(p_x(i), p_depth) + 1;
      p_y(l_at) := case when p_mode = 'count' then p_y(l_at) + 1f else 1f end;
    end loop;
  end encode;

  -- Functions along an axis.

  -- The largest of p_length numbers, p_inner apart, from p_first on; NaN where one is.
  function largest(
    p_x in utl_nla_array_flt,
    p_first in pls_integer,
    p_length in pls_integer,
    p_inner in pls_integer
  ) return binary_float is
    l_at pls_integer := p_first;
    l_largest binary_float := p_x(p_first);
  begin
    for i in 2 .. p_length loop
      l_at := l_at + p_inner;
      if p_x(l_at) > l_largest or p_x(l_at) is nan then
        l_largest := p_x(l_at);
      end if;
    end loop;
    return l_largest;
  end largest;

  procedure softmax(
    p_y in out nocopy utl_nla_array_flt,
    p_length in pls_integer,
    p_inner in pls_integer default 1
  ) is
    l_first pls_integer;
    l_at pls_integer;
    l_largest binary_float;
    l_e binary_double;
    l_sum binary_double;
  begin
    for i_group in 0 .. p_y.count / p_length - 1 loop
      l_first := floor(i_group / p_inner) * p_length * p_inner + mod(i_group, p_inner) + 1;
      l_largest := largest(p_y, l_first, p_length, p_inner);
      l_sum := 0d;
      l_at := l_first;
      for i in 1 .. p_length loop
        l_e := exp(to_binary_double(p_y(l_at) - l_largest));
        l_sum := l_sum + l_e;
        p_y(l_at) := to_binary_float(l_e);
        l_at := l_at + p_inner;
      end loop;
      l_at := l_first;
      for i in 1 .. p_length loop
        p_y(l_at) := to_binary_float(to_binary_double(p_y(l_at)) / l_sum);
        l_at := l_at + p_inner;
      end loop;
    end loop;
  end softmax;

  procedure log_softmax(
    p_y in out nocopy utl_nla_array_flt,
    p_length in pls_integer,
    p_inner in pls_integer default 1
  ) is
    l_first pls_integer;
    l_at pls_integer;
    l_largest binary_float;
    l_sum binary_double;
  begin
    for i_group in 0 .. p_y.count / p_length - 1 loop
      l_first := floor(i_group / p_inner) * p_length * p_inner + mod(i_group, p_inner) + 1;
      l_largest := largest(p_y, l_first, p_length, p_inner);
      l_sum := 0d;
      l_at := l_first;
      for i in 1 .. p_length loop
        p_y(l_at) := p_y(l_at) - l_largest;
        l_sum := l_sum + exp(to_binary_double(p_y(l_at)));
        l_at := l_at + p_inner;
      end loop;
      l_sum := ln(l_sum);
      l_at := l_first;
      for i in 1 .. p_length loop
        p_y(l_at) := to_binary_float(to_binary_double(p_y(l_at)) - l_sum);
        l_at := l_at + p_inner;
      end loop;
    end loop;
  end log_softmax;

  -- y = max(x - t, 0). With z sorted downwards, NaN behind all, c its running sums and k the
  -- count of z > (c - 1) / rank, t = (sum of those c - 1) / k, as Keras computes it.
  procedure sparsemax(
    p_y in out nocopy utl_nla_array_flt,
    p_length in pls_integer,
    p_inner in pls_integer default 1
  ) is
    l_sorted t_column;
    l_first pls_integer;
    l_place pls_integer;
    l_x binary_double;
    l_running binary_double;
    l_sum binary_double;
    l_count binary_double;
  begin
    for i_group in 0 .. p_y.count / p_length - 1 loop
      l_first := floor(i_group / p_inner) * p_length * p_inner + mod(i_group, p_inner) + 1;
      for i in 1 .. p_length loop
        l_x := to_binary_double(p_y(l_first + (i - 1) * p_inner));
        l_place := i;
        while l_place > 1 loop
          exit when l_x is nan
            or (l_sorted(l_place - 1) is not nan and l_sorted(l_place - 1) >= l_x);
          l_sorted(l_place) := l_sorted(l_place - 1);
          l_place := l_place - 1;
        end loop;
        l_sorted(l_place) := l_x;
      end loop;
      l_running := 0d;
      l_sum := 0d;
      l_count := 0d;
      for i in 1 .. p_length loop
        l_running := l_running + l_sorted(i);
        l_x := l_sorted(i) - (l_running - 1d) / to_binary_double(i);
        if l_x > 0d and l_x is not nan then
          l_sum := l_sum + l_running;
          l_count := l_count + 1d;
        end if;
      end loop;
      for i in 0 .. p_length - 1 loop
        l_x := to_binary_double(p_y(l_first + i * p_inner)) - (l_sum - 1d) / l_count;
        p_y(l_first + i * p_inner) := to_binary_float(
          case when l_x is nan then l_x else greatest(l_x, 0d) end
        );
      end loop;
    end loop;
  end sparsemax;

  -- y = a * sigmoid(b), a and b the halves of x along the axis.
  procedure glu(
    p_x in utl_nla_array_flt,
    p_length in pls_integer,
    p_inner in pls_integer,
    p_y in out nocopy utl_nla_array_flt
  ) is
    l_half pls_integer := p_length / 2 * p_inner;
    l_to pls_integer := 0;
    l_from pls_integer := 0;
  begin
    allocate(p_y, p_x.count / 2);
    while l_to < p_y.count loop
      for i in 1 .. l_half loop
        p_y(l_to + i) := to_binary_float(
          to_binary_double(p_x(l_from + i)) * sigmoid(to_binary_double(p_x(l_from + l_half + i)))
        );
      end loop;
      l_to := l_to + l_half;
      l_from := l_from + 2 * l_half;
    end loop;
  end glu;

  procedure find_extreme(
    p_x in utl_nla_array_flt,
    p_function in varchar2,
    p_length in pls_integer,
    p_inner in pls_integer,
    p_y in out nocopy utl_nla_array_flt
  ) is
    l_at pls_integer;
    l_best pls_integer;
    l_x binary_float;
    l_found binary_float;
  begin
    allocate(p_y, p_x.count / p_length);
    for i_group in 0 .. p_y.count - 1 loop
      l_at := floor(i_group / p_inner) * p_length * p_inner + mod(i_group, p_inner) + 1;
      l_best := -1;
      for i in 0 .. p_length - 1 loop
        l_x := p_x(l_at);
        if p_function = 'min' then
          l_x := -l_x;
        end if;
        if l_x is not nan and (l_best < 0 or l_x > l_found) then
          l_found := l_x;
          l_best := i;
        end if;
        l_at := l_at + p_inner;
      end loop;
      p_y(i_group + 1) := to_binary_float(greatest(l_best, 0));
    end loop;
  end find_extreme;

  procedure cumulate(
    p_y in out nocopy utl_nla_array_flt,
    p_function in varchar2,
    p_length in pls_integer,
    p_inner in pls_integer
  ) is
    l_at pls_integer;
    l_result binary_double;
    l_x binary_double;
  begin
    for i_group in 0 .. p_y.count / p_length - 1 loop
      l_at := floor(i_group / p_inner) * p_length * p_inner + mod(i_group, p_inner) + 1;
      l_result := case p_function when 'sum' then 0d else 1d end;
      for i in 1 .. p_length loop
        l_x := to_binary_double(p_y(l_at));
        l_result := case p_function when 'sum' then l_result + l_x else l_result * l_x end;
        p_y(l_at) := to_binary_float(l_result);
        l_at := l_at + p_inner;
      end loop;
    end loop;
  end cumulate;

  procedure reduce(
    p_x in utl_nla_array_flt,
    p_function in varchar2,
    p_length in pls_integer,
    p_inner in pls_integer,
    p_y in out nocopy utl_nla_array_flt
  ) is
    l_at pls_integer;
    l_length binary_double := to_binary_double(p_length);
    l_result binary_double;
    l_x binary_double;
  begin
    allocate(p_y, p_x.count / p_length);
    for i_group in 0 .. p_y.count - 1 loop
      l_at := floor(i_group / p_inner) * p_length * p_inner + mod(i_group, p_inner) + 1;
      l_result := to_binary_double(p_x(l_at));
      for i in 2 .. p_length loop
        l_at := l_at + p_inner;
        l_x := to_binary_double(p_x(l_at));
        case p_function
          when 'max' then
            if l_x > l_result or l_x is nan then
              l_result := l_x;
            end if;
          when 'min' then
            if l_result is not nan and (l_x < l_result or l_x is nan) then
              l_result := l_x;
            end if;
          when 'prod' then
            l_result := l_result * l_x;
          else
            l_result := l_result + l_x;
        end case;
      end loop;
      p_y(i_group + 1) := to_binary_float(
        case when p_function = 'mean' then l_result / l_length else l_result end
      );
    end loop;
  end reduce;

  procedure masked_mean(
    p_x in utl_nla_array_flt,
    p_mask in utl_nla_array_flt,
    p_rows in pls_integer,
    p_length in pls_integer,
    p_inner in pls_integer,
    p_y in out nocopy utl_nla_array_flt
  ) is
    l_in_row pls_integer := p_x.count / p_rows / p_length;
    l_row pls_integer;
    l_at pls_integer;
    l_sum binary_double;
    l_count binary_double;
  begin
    allocate(p_y, p_x.count / p_length);
    for i_group in 0 .. p_y.count - 1 loop
      l_row := floor(i_group / l_in_row);
      l_at := floor(i_group / p_inner) * p_length * p_inner + mod(i_group, p_inner) + 1;
      l_sum := 0d;
      l_count := 0d;
      for i in 1 .. p_length loop
        if p_mask(l_row * p_length + i) <> 0f then
          l_sum := l_sum + to_binary_double(p_x(l_at));
          l_count := l_count + 1d;
        end if;
        l_at := l_at + p_inner;
      end loop;
      p_y(i_group + 1) := to_binary_float(l_sum / l_count);
    end loop;
  end masked_mean;

  procedure layer_normalization(
    p_y in out nocopy utl_nla_array_flt,
    p_length in pls_integer,
    p_inner in pls_integer,
    p_epsilon in binary_double,
    p_gamma in utl_nla_array_flt default null,
    p_beta in utl_nla_array_flt default null,
    p_weight_inner in pls_integer default 1
  ) is
    l_length binary_double := to_binary_double(p_length);
    l_first pls_integer;
    l_mean binary_double;
    l_variance binary_double;
    l_deviation binary_double;
  begin
    for i_group in 0 .. p_y.count / p_length - 1 loop
      l_first := floor(i_group / p_inner) * p_length * p_inner + mod(i_group, p_inner) + 1;
      l_mean := 0d;
      for i in 0 .. p_length - 1 loop
        l_mean := l_mean + to_binary_double(p_y(l_first + i * p_inner));
      end loop;
      l_mean := l_mean / l_length;
      l_variance := 0d;
      for i in 0 .. p_length - 1 loop
        l_deviation := to_binary_double(p_y(l_first + i * p_inner)) - l_mean;
        l_variance := l_variance + l_deviation * l_deviation;
      end loop;
      l_variance := sqrt(l_variance / l_length + p_epsilon);
      for i in 0 .. p_length - 1 loop
        p_y(l_first + i * p_inner) := to_binary_float(
          (to_binary_double(p_y(l_first + i * p_inner)) - l_mean) / l_variance
        );
      end loop;
    end loop;
    if p_gamma is not null then
      affine(p_y, p_gamma, p_beta, p_weight_inner);
    end if;
  end layer_normalization;

  -- y = x * min(1 / sqrt(sum(x^2)), 1 / epsilon).
  procedure unit_normalization(
    p_y in out nocopy utl_nla_array_flt,
    p_length in pls_integer,
    p_inner in pls_integer,
    p_epsilon in binary_double
  ) is
    l_first pls_integer;
    l_x binary_double;
    l_sum binary_double;
    l_scale binary_double;
  begin
    for i_group in 0 .. p_y.count / p_length - 1 loop
      l_first := floor(i_group / p_inner) * p_length * p_inner + mod(i_group, p_inner) + 1;
      l_sum := 0d;
      for i in 0 .. p_length - 1 loop
        l_x := to_binary_double(p_y(l_first + i * p_inner));
        l_sum := l_sum + l_x * l_x;
      end loop;
      l_scale := 1d / sqrt(l_sum);
      if l_scale > 1d / p_epsilon and l_scale is not nan then
        l_scale := 1d / p_epsilon;
      end if;
      for i in 0 .. p_length - 1 loop
        l_x := to_binary_double(p_y(l_first + i * p_inner));
        p_y(l_first + i * p_inner) := to_binary_float(l_x * l_scale);
      end loop;
    end loop;
  end unit_normalization;

  -- Two values of one shape.

  procedure add_(p_y in out nocopy utl_nla_array_flt, p_x in utl_nla_array_flt) is
  begin
    for i in 1 .. p_y.count loop
      p_y(i) := p_y(i) + p_x(i);
    end loop;
  end add_;

  procedure multiply(p_y in out nocopy utl_nla_array_flt, p_x in utl_nla_array_flt) is
  begin
    for i in 1 .. p_y.count loop
      p_y(i) := p_y(i) * p_x(i);
    end loop;
  end multiply;

  procedure subtract(p_y in out nocopy utl_nla_array_flt, p_x in utl_nla_array_flt) is
  begin
    for i in 1 .. p_y.count loop
      p_y(i) := p_y(i) - p_x(i);
    end loop;
  end subtract;

  procedure divide(p_y in out nocopy utl_nla_array_flt, p_x in utl_nla_array_flt) is
  begin
    for i in 1 .. p_y.count loop
      p_y(i) := p_y(i) / p_x(i);
    end loop;
  end divide;

  procedure power_(p_y in out nocopy utl_nla_array_flt, p_x in utl_nla_array_flt) is
  begin
    for i in 1 .. p_y.count loop
      p_y(i) := to_binary_float(raised(to_binary_double(p_y(i)), to_binary_double(p_x(i))));
    end loop;
  end power_;

  procedure maximum(p_y in out nocopy utl_nla_array_flt, p_x in utl_nla_array_flt) is
  begin
    for i in 1 .. p_y.count loop
      if p_x(i) > p_y(i) or p_x(i) is nan then
        p_y(i) := p_x(i);
      end if;
    end loop;
  end maximum;

  procedure minimum(p_y in out nocopy utl_nla_array_flt, p_x in utl_nla_array_flt) is
  begin
    for i in 1 .. p_y.count loop
      if p_y(i) is not nan and (p_x(i) < p_y(i) or p_x(i) is nan) then
        p_y(i) := p_x(i);
      end if;
    end loop;
  end minimum;

  -- The remainder of |p_x| / |p_y|, exact: every difference below is a number of its own.
  function remainder_of(p_x in binary_double, p_y in binary_double) return binary_double is
    l_rest binary_double := abs(p_x);
    l_part binary_double;
  begin
    while l_rest >= abs(p_y) loop
      l_part := abs(p_y);
      while l_part * 2d <= l_rest loop
        l_part := l_part * 2d;
      end loop;
      l_rest := l_rest - l_part;
    end loop;
    return l_rest;
  end remainder_of;

  procedure modulo(p_y in out nocopy utl_nla_array_flt, p_x in utl_nla_array_flt) is
    l_x binary_double;
    l_rest binary_double;
  begin
    for i in 1 .. p_y.count loop
      l_x := to_binary_double(p_x(i));
      if p_y(i) is nan or p_y(i) is infinite or l_x is nan or l_x = 0d then
        l_rest := binary_double_nan;
      else
        l_rest := remainder_of(to_binary_double(p_y(i)), l_x);
        if p_y(i) < 0f then
          l_rest := -l_rest;
        end if;
        if (l_rest > 0d and l_x < 0d) or (l_rest < 0d and l_x > 0d) then
          l_rest := l_rest + l_x;
        end if;
      end if;
      p_y(i) := to_binary_float(l_rest);
    end loop;
  end modulo;

  procedure compare(
    p_y in out nocopy utl_nla_array_flt,
    p_x in utl_nla_array_flt,
    p_function in varchar2
  ) is
    l_holds boolean;
  begin
    for i in 1 .. p_y.count loop
      if p_y(i) is nan or p_x(i) is nan then  -- to SQL, NaN equals itself
        l_holds := p_function = 'not_equal';
      else
        l_holds := case p_function
          when 'equal' then p_y(i) = p_x(i)
          when 'not_equal' then p_y(i) <> p_x(i)
          when 'less' then p_y(i) < p_x(i)
          when 'less_equal' then p_y(i) <= p_x(i)
          when 'greater' then p_y(i) > p_x(i)
          else p_y(i) >= p_x(i)
        end;
      end if;
      p_y(i) := case when l_holds then 1f else 0f end;
    end loop;
  end compare;

  procedure average(p_y in out nocopy utl_nla_array_flt, p_count in pls_integer) is
  begin
    for i in 1 .. p_y.count loop
      p_y(i) := p_y(i) / to_binary_float(p_count);
    end loop;
  end average;

  procedure where_(
    p_y in out nocopy utl_nla_array_flt,
    p_condition in utl_nla_array_flt,
    p_x in utl_nla_array_flt
  ) is
  begin
    for i in 1 .. p_y.count loop
      if p_condition(i) = 0f then
        p_y(i) := p_x(i);
      end if;
    end loop;
  end where_;

  procedure matmul(
    p_a in utl_nla_array_flt,
    p_b in utl_nla_array_flt,
    p_count in pls_integer,
    p_m in pls_integer,
    p_k in pls_integer,
    p_n in pls_integer,
    p_y in out nocopy utl_nla_array_flt
  ) is
    l_a utl_nla_array_flt;
    l_b utl_nla_array_flt;
    l_y utl_nla_array_flt;
  begin
    allocate(p_y, p_count * p_m * p_n);
    allocate(l_y, p_m * p_n);
    for i in 1 .. p_count loop
      l_a := get_row(p_a, i, p_m * p_k);
      l_b := get_row(p_b, i, p_k * p_n);
      utl_nla.blas_gemm('N', 'N', p_n, p_m, p_k, 1f, l_b, p_n, l_a, p_k, 0f, l_y, p_n);
      place_row(l_y, i, p_y);
    end loop;
  end matmul;

  -- Numbers that move.

  -- How far apart the positions of each axis lie.
  function strides_of(p_shape in t_shape) return t_shape is
    l_strides t_shape := p_shape;
  begin
    l_strides(p_shape.count) := 1;
    for i in reverse 1 .. p_shape.count - 1 loop
      l_strides(i) := l_strides(i + 1) * p_shape(i + 1);
    end loop;
    return l_strides;
  end strides_of;

  function size_of(p_shape in t_shape) return pls_integer is
    l_size pls_integer := 1;
  begin
    for i in 1 .. p_shape.count loop
      l_size := l_size * p_shape(i);
    end loop;
    return l_size;
  end size_of;

  -- Copy a block of numbers of the given lengths from p_x to p_y, each with its strides.
  procedure move(
    p_x in utl_nla_array_flt,
    p_from in pls_integer,
    p_from_strides in t_shape,
    p_lengths in t_shape,
    p_to in pls_integer,
    p_to_strides in t_shape,
    p_y in out nocopy utl_nla_array_flt
  ) is
    l_at t_shape := p_lengths;
    l_from pls_integer := p_from;
    l_to pls_integer := p_to;
    l_last pls_integer := p_lengths.count;
    l_axis pls_integer;
  begin
    for i in 1 .. l_last loop
      l_at(i) := 0;
    end loop;
    loop
      for i in 0 .. p_lengths(l_last) - 1 loop
        p_y(l_to + i * p_to_strides(l_last)) := p_x(l_from + i * p_from_strides(l_last));
      end loop;
      l_axis := l_last - 1;
      while l_axis > 0 loop
        l_at(l_axis) := l_at(l_axis) + 1;
        l_from := l_from + p_from_strides(l_axis);
        l_to := l_to + p_to_strides(l_axis);
        exit when l_at(l_axis) < p_lengths(l_axis);
        l_at(l_axis) := 0;
        l_from := l_from - p_lengths(l_axis) * p_from_strides(l_axis);
        l_to := l_to - p_lengths(l_axis) * p_to_strides(l_axis);
        l_axis := l_axis - 1;
      end loop;
      exit when l_axis = 0;
    end loop;
  end move;

  procedure concatenate(
    p_x in utl_nla_array_flt,
    p_width in pls_integer,
    p_total in pls_integer,
    p_offset in pls_integer,
    p_y in out nocopy utl_nla_array_flt
  ) is
    l_outer pls_integer := p_x.count / p_width;
  begin
    if p_offset = 0 then
      allocate(p_y, l_outer * p_total);
    end if;
    move(
      p_x, 1, t_shape(p_width, 1), t_shape(l_outer, p_width), p_offset + 1, t_shape(p_total, 1), p_y
    );
  end concatenate;

  procedure transpose(
    p_x in utl_nla_array_flt,
    p_shape in t_shape,
    p_axes in t_shape,
    p_y in out nocopy utl_nla_array_flt
  ) is
    l_strides t_shape := strides_of(p_shape);
    l_from_strides t_shape := p_shape;
    l_lengths t_shape := p_shape;
  begin
    for i in 1 .. p_axes.count loop
      l_from_strides(i) := l_strides(p_axes(i));
      l_lengths(i) := p_shape(p_axes(i));
    end loop;
    allocate(p_y, p_x.count);
    move(p_x, 1, l_from_strides, l_lengths, 1, strides_of(l_lengths), p_y);
  end transpose;

  procedure broadcast(
    p_x in utl_nla_array_flt,
    p_shape in t_shape,
    p_new_shape in t_shape,
    p_y in out nocopy utl_nla_array_flt
  ) is
    l_strides t_shape := strides_of(p_shape);
  begin
    for i in 1 .. p_shape.count loop
      if p_shape(i) = 1 then
        l_strides(i) := 0;
      end if;
    end loop;
    allocate(p_y, size_of(p_new_shape));
    move(p_x, 1, l_strides, p_new_shape, 1, strides_of(p_new_shape), p_y);
  end broadcast;

  procedure pad(
    p_x in utl_nla_array_flt,
    p_shape in t_shape,
    p_before in t_shape,
    p_after in t_shape,
    p_value in binary_float,
    p_y in out nocopy utl_nla_array_flt
  ) is
    l_new_shape t_shape := p_shape;
    l_strides t_shape;
    l_to pls_integer := 1;
  begin
    for i in 1 .. p_shape.count loop
      l_new_shape(i) := p_before(i) + p_shape(i) + p_after(i);
    end loop;
    l_strides := strides_of(l_new_shape);
    for i in 1 .. p_shape.count loop
      l_to := l_to + p_before(i) * l_strides(i);
    end loop;
    allocate(p_y, size_of(l_new_shape), p_value);
    move(p_x, 1, strides_of(p_shape), p_shape, l_to, l_strides, p_y);
  end pad;

  procedure cut(
    p_x in utl_nla_array_flt,
    p_shape in t_shape,
    p_start in t_shape,
    p_step in t_shape,
    p_new_shape in t_shape,
    p_y in out nocopy utl_nla_array_flt
  ) is
    l_strides t_shape := strides_of(p_shape);
    l_from pls_integer := 1;
  begin
    for i in 1 .. p_shape.count loop
      l_from := l_from + p_start(i) * l_strides(i);
      l_strides(i) := l_strides(i) * p_step(i);
    end loop;
    allocate(p_y, size_of(p_new_shape));
    move(p_x, l_from, l_strides, p_new_shape, 1, strides_of(p_new_shape), p_y);
  end cut;

  procedure repeat_(
    p_x in utl_nla_array_flt,
    p_times in pls_integer,
    p_inner in pls_integer,
    p_y in out nocopy utl_nla_array_flt
  ) is
    l_lengths t_shape := t_shape(p_x.count / p_inner, p_times, p_inner);
  begin
    allocate(p_y, p_x.count * p_times);
    move(p_x, 1, t_shape(p_inner, 0, 1), l_lengths, 1, strides_of(l_lengths), p_y);
  end repeat_;

  -- Windows without weights.

  procedure pool(
    p_x in utl_nla_array_flt,
    p_rows in pls_integer,
    p_lengths in t_shape,
    p_channels in pls_integer,
    p_mode in varchar2,
    p_size in t_shape,
    p_strides in t_shape,
    p_padding in varchar2,
    p_y in out nocopy utl_nla_array_flt
  ) is
    l_windows t_windows := place_windows(p_lengths, p_size, p_strides, t_shape(1, 1, 1), p_padding);
    l_is_max boolean := p_mode = 'max';
    l_at t_shape := t_shape(0, 0, 0, 0);
    l_places t_shape := places_for(l_windows);
    l_from pls_integer;
    l_to pls_integer := 0;
    l_count pls_integer;
  begin
    allocate(p_y, p_rows * l_windows.places * p_channels);
    for i_window in 1 .. p_rows * l_windows.places loop
      find_taps(l_windows, l_at, l_places);
      advance(l_windows, l_at);
      l_count := 0;
      for i_tap in 1 .. l_windows.taps loop
        if l_places(i_tap) is not null then
          l_from := l_places(i_tap) * p_channels;
          for i in 1 .. p_channels loop
            if l_count = 0 then
              p_y(l_to + i) := case when l_is_max then -binary_float_max_normal else 0f end;
            end if;
            if not l_is_max then
              p_y(l_to + i) := p_y(l_to + i) + p_x(l_from + i);
            elsif p_x(l_from + i) > p_y(l_to + i) and p_x(l_from + i) is not nan then
              p_y(l_to + i) := p_x(l_from + i);
            end if;
          end loop;
          l_count := l_count + 1;
        end if;
      end loop;
      if not l_is_max then
        for i in l_to + 1 .. l_to + p_channels loop
          p_y(i) := p_y(i) / to_binary_float(l_count);
        end loop;
      end if;
      l_to := l_to + p_channels;
    end loop;
  end pool;

  -- Sequences.

  -- p_y = bias + step p_step of p_x, counted from 0, @ kernel.
  procedure project_step(
    p_x in utl_nla_array_flt,
    p_rows in pls_integer,
    p_steps in pls_integer,
    p_step in pls_integer,
    p_inputs in pls_integer,
    p_units in pls_integer,
    p_kernel in t_blocks,
    p_bias in utl_nla_array_flt,
    p_y in out nocopy utl_nla_array_flt
  ) is
    l_x utl_nla_array_flt;
  begin
    allocate(l_x, p_rows * p_inputs);
    move(
      p_x, p_step * p_inputs + 1, t_shape(p_steps * p_inputs, 1), t_shape(p_rows, p_inputs),
      1, t_shape(p_inputs, 1), l_x
    );
    dense(l_x, p_rows, p_inputs, p_units, p_kernel, p_bias, p_y);
  end project_step;

  -- A gate's activation; those along an axis work on one gate at a time.
  procedure activate(
    p_y in out nocopy utl_nla_array_flt,
    p_gate in t_gate,
    p_units in pls_integer
  ) is
  begin
    case p_gate.function_name
      when 'softmax' then
        softmax(p_y, p_units);
      when 'log_softmax' then
        log_softmax(p_y, p_units);
      when 'sparsemax' then
        sparsemax(p_y, p_units);
      else
        activation(p_y, p_gate);
    end case;
  end activate;

  -- Where the mask of a step is 0, p_y becomes what it was, or 0 where p_old is null.
  procedure keep_masked(
    p_mask in utl_nla_array_flt,
    p_steps in pls_integer,
    p_step in pls_integer,
    p_units in pls_integer,
    p_old in utl_nla_array_flt,
    p_y in out nocopy utl_nla_array_flt
  ) is
  begin
    if p_mask is null then
      return;
    end if;
    for i_row in 0 .. p_y.count / p_units - 1 loop
      if p_mask(i_row * p_steps + p_step + 1) = 0f then
        for i in i_row * p_units + 1 .. (i_row + 1) * p_units loop
          p_y(i) := case when p_old is null then 0f else p_old(i) end;
        end loop;
      end if;
    end loop;
  end keep_masked;

  -- The output of a step: what the hidden state is about to be, but for masked rows.
  procedure put_output(
    p_new in utl_nla_array_flt,
    p_mask in utl_nla_array_flt,
    p_zeroes_masked in boolean,
    p_steps in pls_integer,
    p_step in pls_integer,
    p_units in pls_integer,
    p_result in varchar2,
    p_output in out nocopy utl_nla_array_flt,
    p_y in out nocopy utl_nla_array_flt
  ) is
    l_output utl_nla_array_flt := p_new;
  begin
    if p_zeroes_masked then
      keep_masked(p_mask, p_steps, p_step, p_units, null, l_output);
    else
      keep_masked(p_mask, p_steps, p_step, p_units, p_output, l_output);
    end if;
    p_output := l_output;
    if p_result = 'sequence' then
      move(
        p_output, 1, t_shape(p_units, 1), t_shape(p_output.count / p_units, p_units),
        p_step * p_units + 1, t_shape(p_steps * p_units, 1), p_y
      );
    end if;
  end put_output;

  procedure start_state(
    p_given in utl_nla_array_flt,
    p_count in pls_integer,
    p_y in out nocopy utl_nla_array_flt
  ) is
  begin
    if p_given is null then
      allocate(p_y, p_count);
    else
      p_y := p_given;
    end if;
  end start_state;

  procedure simple_rnn(
    p_x in utl_nla_array_flt,
    p_rows in pls_integer,
    p_steps in pls_integer,
    p_inputs in pls_integer,
    p_units in pls_integer,
    p_kernel in t_blocks,
    p_recurrent_kernel in t_blocks,
    p_bias in utl_nla_array_flt,
    p_activation in t_gate,
    p_result in varchar2,
    p_y in out nocopy utl_nla_array_flt,
    p_mask in utl_nla_array_flt default null,
    p_zeroes_masked in boolean default false,
    p_hidden in utl_nla_array_flt default null
  ) is
    l_hidden utl_nla_array_flt;
    l_new utl_nla_array_flt;
    l_output utl_nla_array_flt;
  begin
    start_state(p_hidden, p_rows * p_units, l_hidden);
    allocate(l_output, p_rows * p_units);
    if p_result = 'sequence' then
      allocate(p_y, p_rows * p_steps * p_units);
    end if;
    for i_step in 0 .. p_steps - 1 loop
      project_step(p_x, p_rows, p_steps, i_step, p_inputs, p_units, p_kernel, p_bias, l_new);
      add_product(l_hidden, p_rows, p_units, p_units, p_recurrent_kernel, l_new);
      activate(l_new, p_activation, p_units);
      put_output(
        l_new, p_mask, p_zeroes_masked, p_steps, i_step, p_units, p_result, l_output, p_y
      );
      keep_masked(p_mask, p_steps, i_step, p_units, l_hidden, l_new);
      l_hidden := l_new;
    end loop;
    if p_result = 'last' then
      p_y := l_output;
    elsif p_result = 'hidden' then
      p_y := l_hidden;
    end if;
  end simple_rnn;

  -- The output or the state after the last step, where that is wanted.
  procedure put_state(
    p_result in varchar2,
    p_output in utl_nla_array_flt,
    p_hidden in utl_nla_array_flt,
    p_cell in utl_nla_array_flt,
    p_y in out nocopy utl_nla_array_flt
  ) is
  begin
    case p_result
      when 'last' then
        p_y := p_output;
      when 'hidden' then
        p_y := p_hidden;
      when 'cell' then
        p_y := p_cell;
      else
        null;
    end case;
  end put_state;

  -- What an LSTM makes of its gates before their activations, in the order i, f, g, o.
  procedure step_lstm(
    p_z in utl_nla_array_flt,
    p_rows in pls_integer,
    p_units in pls_integer,
    p_activation in t_gate,
    p_recurrent_activation in t_gate,
    p_cell in utl_nla_array_flt,
    p_new in out nocopy utl_nla_array_flt,
    p_new_cell in out nocopy utl_nla_array_flt
  ) is
    l_from t_shape := t_shape(4 * p_units, 1);
    l_three pls_integer := 3 * p_units;
    l_gates utl_nla_array_flt;
    l_at pls_integer;
    l_gate pls_integer;
  begin
    allocate(l_gates, p_rows * l_three);
    allocate(p_new, p_rows * p_units);
    allocate(p_new_cell, p_rows * p_units);
    move(p_z, 1, l_from, t_shape(p_rows, 2 * p_units), 1, t_shape(l_three, 1), l_gates);
    move(
      p_z, l_three + 1, l_from, t_shape(p_rows, p_units),
      2 * p_units + 1, t_shape(l_three, 1), l_gates
    );
    move(p_z, 2 * p_units + 1, l_from, t_shape(p_rows, p_units), 1, t_shape(p_units, 1), p_new);
    activate(l_gates, p_recurrent_activation, p_units);
    activate(p_new, p_activation, p_units);
    for i_row in 0 .. p_rows - 1 loop
      for i in 1 .. p_units loop
        l_at := i_row * p_units + i;
        l_gate := i_row * l_three + i;
        p_new_cell(l_at) := l_gates(l_gate + p_units) * p_cell(l_at)
          + l_gates(l_gate) * p_new(l_at);
      end loop;
    end loop;
    p_new := p_new_cell;
    activate(p_new, p_activation, p_units);
    for i_row in 0 .. p_rows - 1 loop
      for i in 1 .. p_units loop
        l_at := i_row * p_units + i;
        p_new(l_at) := l_gates(i_row * l_three + 2 * p_units + i) * p_new(l_at);
      end loop;
    end loop;
  end step_lstm;

  procedure lstm(
    p_x in utl_nla_array_flt,
    p_rows in pls_integer,
    p_steps in pls_integer,
    p_inputs in pls_integer,
    p_units in pls_integer,
    p_kernel in t_blocks,
    p_recurrent_kernel in t_blocks,
    p_bias in utl_nla_array_flt,
    p_activation in t_gate,
    p_recurrent_activation in t_gate,
    p_result in varchar2,
    p_y in out nocopy utl_nla_array_flt,
    p_mask in utl_nla_array_flt default null,
    p_zeroes_masked in boolean default false,
    p_hidden in utl_nla_array_flt default null,
    p_cell in utl_nla_array_flt default null
  ) is
    l_hidden utl_nla_array_flt;
    l_cell utl_nla_array_flt;
    l_new utl_nla_array_flt;
    l_new_cell utl_nla_array_flt;
    l_output utl_nla_array_flt;
    l_z utl_nla_array_flt;
  begin
    start_state(p_hidden, p_rows * p_units, l_hidden);
    start_state(p_cell, p_rows * p_units, l_cell);
    allocate(l_output, p_rows * p_units);
    if p_result = 'sequence' then
      allocate(p_y, p_rows * p_steps * p_units);
    end if;
    for i_step in 0 .. p_steps - 1 loop
      project_step(p_x, p_rows, p_steps, i_step, p_inputs, 4 * p_units, p_kernel, p_bias, l_z);
      add_product(l_hidden, p_rows, p_units, 4 * p_units, p_recurrent_kernel, l_z);
      step_lstm(
        l_z, p_rows, p_units, p_activation, p_recurrent_activation, l_cell, l_new, l_new_cell
      );
      put_output(
        l_new, p_mask, p_zeroes_masked, p_steps, i_step, p_units, p_result, l_output, p_y
      );
      keep_masked(p_mask, p_steps, i_step, p_units, l_hidden, l_new);
      keep_masked(p_mask, p_steps, i_step, p_units, l_cell, l_new_cell);
      l_hidden := l_new;
      l_cell := l_new_cell;
    end loop;
    put_state(p_result, l_output, l_hidden, l_cell, p_y);
  end lstm;

  procedure conv_lstm(
    p_x in utl_nla_array_flt,
    p_rows in pls_integer,
    p_steps in pls_integer,
    p_lengths in t_shape,
    p_size in t_shape,
    p_filters in pls_integer,
    p_recurrent_kernel in t_blocks,
    p_activation in t_gate,
    p_recurrent_activation in t_gate,
    p_result in varchar2,
    p_y in out nocopy utl_nla_array_flt,
    p_mask in utl_nla_array_flt default null,
    p_zeroes_masked in boolean default false,
    p_hidden in utl_nla_array_flt default null,
    p_cell in utl_nla_array_flt default null
  ) is
    l_ones t_shape := p_size;
    l_places pls_integer := size_of(p_lengths);
    l_units pls_integer := l_places * p_filters;
    l_hidden utl_nla_array_flt;
    l_cell utl_nla_array_flt;
    l_new utl_nla_array_flt;
    l_new_cell utl_nla_array_flt;
    l_output utl_nla_array_flt;
    l_x utl_nla_array_flt;
    l_z utl_nla_array_flt;
  begin
    for i in 1 .. p_size.count loop
      l_ones(i) := 1;
    end loop;
    start_state(p_hidden, p_rows * l_units, l_hidden);
    start_state(p_cell, p_rows * l_units, l_cell);
    allocate(l_output, p_rows * l_units);
    allocate(l_x, p_rows * 4 * l_units);
    if p_result = 'sequence' then
      allocate(p_y, p_rows * p_steps * l_units);
    end if;
    for i_step in 0 .. p_steps - 1 loop
      conv(
        l_hidden, p_rows, p_lengths, p_filters, p_size, l_ones, l_ones, 'same', 1, 4 * p_filters,
        p_recurrent_kernel, null, l_z
      );
      move(
        p_x, i_step * 4 * l_units + 1, t_shape(p_steps * 4 * l_units, 1),
        t_shape(p_rows, 4 * l_units), 1, t_shape(4 * l_units, 1), l_x
      );
      add_(l_z, l_x);
      step_lstm(
        l_z, p_rows * l_places, p_filters, p_activation, p_recurrent_activation, l_cell, l_new,
        l_new_cell
      );
      put_output(
        l_new, p_mask, p_zeroes_masked, p_steps, i_step, l_units, p_result, l_output, p_y
      );
      keep_masked(p_mask, p_steps, i_step, l_units, l_hidden, l_new);
      keep_masked(p_mask, p_steps, i_step, l_units, l_cell, l_new_cell);
      l_hidden := l_new;
      l_cell := l_new_cell;
    end loop;
    put_state(p_result, l_output, l_hidden, l_cell, p_y);
  end conv_lstm;

  procedure gru(
    p_x in utl_nla_array_flt,
    p_rows in pls_integer,
    p_steps in pls_integer,
    p_inputs in pls_integer,
    p_units in pls_integer,
    p_kernel in t_blocks,
    p_recurrent_kernel in t_blocks,
    p_new_kernel in t_blocks,
    p_bias in utl_nla_array_flt,
    p_new_bias in utl_nla_array_flt,
    p_activation in t_gate,
    p_recurrent_activation in t_gate,
    p_reset_after in boolean,
    p_result in varchar2,
    p_y in out nocopy utl_nla_array_flt,
    p_mask in utl_nla_array_flt default null,
    p_zeroes_masked in boolean default false,
    p_hidden in utl_nla_array_flt default null
  ) is
    l_width pls_integer := 3 * p_units;
    l_two pls_integer := 2 * p_units;
    l_hidden utl_nla_array_flt;
    l_new utl_nla_array_flt;
    l_late utl_nla_array_flt;
    l_reset utl_nla_array_flt;
    l_output utl_nla_array_flt;
    l_z utl_nla_array_flt;
    l_gates utl_nla_array_flt;
    l_at pls_integer;
    l_gate pls_integer;
  begin
    start_state(p_hidden, p_rows * p_units, l_hidden);
    allocate(l_output, p_rows * p_units);
    allocate(l_gates, p_rows * l_two);
    allocate(l_new, p_rows * p_units);
    allocate(l_reset, p_rows * p_units);
    if p_result = 'sequence' then
      allocate(p_y, p_rows * p_steps * p_units);
    end if;
    for i_step in 0 .. p_steps - 1 loop
      project_step(p_x, p_rows, p_steps, i_step, p_inputs, l_width, p_kernel, p_bias, l_z);
      move(l_z, 1, t_shape(l_width, 1), t_shape(p_rows, l_two), 1, t_shape(l_two, 1), l_gates);
      move(
        l_z, l_two + 1, t_shape(l_width, 1), t_shape(p_rows, p_units),
        1, t_shape(p_units, 1), l_new
      );
      add_product(l_hidden, p_rows, p_units, l_two, p_recurrent_kernel, l_gates);
      activate(l_gates, p_recurrent_activation, p_units);
      move(
        l_gates, p_units + 1, t_shape(l_two, 1), t_shape(p_rows, p_units),
        1, t_shape(p_units, 1), l_reset
      );
      if p_reset_after then
        put_bias(p_new_bias, p_rows, p_units, l_late);
        add_product(l_hidden, p_rows, p_units, p_units, p_new_kernel, l_late);
        multiply(l_late, l_reset);
        add_(l_new, l_late);
      else
        multiply(l_reset, l_hidden);
        add_product(l_reset, p_rows, p_units, p_units, p_new_kernel, l_new);
      end if;
      activate(l_new, p_activation, p_units);
      for i_row in 0 .. p_rows - 1 loop
        for i in 1 .. p_units loop
          l_at := i_row * p_units + i;
          l_gate := i_row * l_two + i;
          l_new(l_at) := l_gates(l_gate) * l_hidden(l_at) + (1f - l_gates(l_gate)) * l_new(l_at);
        end loop;
      end loop;
      put_output(
        l_new, p_mask, p_zeroes_masked, p_steps, i_step, p_units, p_result, l_output, p_y
      );
      keep_masked(p_mask, p_steps, i_step, p_units, l_hidden, l_new);
      l_hidden := l_new;
    end loop;
    if p_result = 'last' then
      p_y := l_output;
    elsif p_result = 'hidden' then
      p_y := l_hidden;
    end if;
  end gru;

  -- p_y, a row of p_keys scores for each of p_queries, becomes weights. Where the mask of row p_row
  -- is 0 or the key comes later and p_is_causal, the weight is 0; where that is so for all keys,
  -- the weights are equal, or 0 where p_zeroes_masked.
  procedure attend(
    p_y in out nocopy utl_nla_array_flt,
    p_mask in utl_nla_array_flt,
    p_row in pls_integer,
    p_queries in pls_integer,
    p_keys in pls_integer,
    p_is_causal in boolean,
    p_zeroes_masked in boolean
  ) is
    l_is_allowed t_flags;
    l_at pls_integer := 0;
  begin
    for i_query in 1 .. p_queries loop
      for i_key in 1 .. p_keys loop
        l_at := l_at + 1;
        l_is_allowed(l_at) := not (p_is_causal and i_key > i_query);
        if p_mask is not null and l_is_allowed(l_at) then
          l_is_allowed(l_at) := p_mask((p_row - 1) * p_queries * p_keys + l_at) <> 0f;
        end if;
        if not l_is_allowed(l_at) then
          p_y(l_at) := -1e30f;
        end if;
      end loop;
    end loop;
    softmax(p_y, p_keys);
    if p_zeroes_masked then
      for i in 1 .. l_at loop
        if not l_is_allowed(i) then
          p_y(i) := 0f;
        end if;
      end loop;
    end if;
  end attend;

  procedure attention(
    p_query in utl_nla_array_flt,
    p_key in utl_nla_array_flt,
    p_value in utl_nla_array_flt,
    p_rows in pls_integer,
    p_queries in pls_integer,
    p_keys in pls_integer,
    p_heads in pls_integer,
    p_inputs in pls_integer,
    p_outputs in pls_integer,
    p_scale in binary_double,
    p_is_causal in boolean,
    p_y in out nocopy utl_nla_array_flt,
    p_mask in utl_nla_array_flt default null,
    p_zeroes_masked in boolean default false
  ) is
    l_n pls_integer := p_inputs / p_heads;
    l_m pls_integer := p_outputs / p_heads;
    l_query utl_nla_array_flt;
    l_key utl_nla_array_flt;
    l_value utl_nla_array_flt;
    l_weights utl_nla_array_flt;
    l_y utl_nla_array_flt;
  begin
    allocate(p_y, p_rows * p_queries * p_outputs);
    allocate(l_query, p_queries * l_n);
    allocate(l_key, p_keys * l_n);
    allocate(l_value, p_keys * l_m);
    allocate(l_weights, p_queries * p_keys);
    allocate(l_y, p_queries * l_m);
    for i_row in 1 .. p_rows loop
      for i_head in 0 .. p_heads - 1 loop
        move(
          p_query, (i_row - 1) * p_queries * p_inputs + i_head * l_n + 1, t_shape(p_inputs, 1),
          t_shape(p_queries, l_n), 1, t_shape(l_n, 1), l_query
        );
        move(
          p_key, (i_row - 1) * p_keys * p_inputs + i_head * l_n + 1, t_shape(p_inputs, 1),
          t_shape(p_keys, l_n), 1, t_shape(l_n, 1), l_key
        );
        move(
          p_value, (i_row - 1) * p_keys * p_outputs + i_head * l_m + 1, t_shape(p_outputs, 1),
          t_shape(p_keys, l_m), 1, t_shape(l_m, 1), l_value
        );
        utl_nla.blas_gemm(
          'T', 'N', p_keys, p_queries, l_n, to_binary_float(p_scale), l_key, l_n, l_query, l_n,
          0f, l_weights, p_keys
        );
        attend(l_weights, p_mask, i_row, p_queries, p_keys, p_is_causal, p_zeroes_masked);
        utl_nla.blas_gemm(
          'N', 'N', l_m, p_queries, p_keys, 1f, l_value, l_m, l_weights, p_keys, 0f, l_y, l_m
        );
        move(
          l_y, 1, t_shape(l_m, 1), t_shape(p_queries, l_m),
          (i_row - 1) * p_queries * p_outputs + i_head * l_m + 1, t_shape(p_outputs, 1), p_y
        );
      end loop;
    end loop;
  end attention;

  procedure additive_attention(
    p_query in utl_nla_array_flt,
    p_key in utl_nla_array_flt,
    p_value in utl_nla_array_flt,
    p_rows in pls_integer,
    p_queries in pls_integer,
    p_keys in pls_integer,
    p_inputs in pls_integer,
    p_outputs in pls_integer,
    p_scale in utl_nla_array_flt,
    p_is_causal in boolean,
    p_y in out nocopy utl_nla_array_flt,
    p_mask in utl_nla_array_flt default null
  ) is
    l_query pls_integer;
    l_key pls_integer;
    l_scale binary_float;
    l_sum binary_double;
    l_value utl_nla_array_flt;
    l_weights utl_nla_array_flt;
    l_y utl_nla_array_flt;
  begin
    allocate(p_y, p_rows * p_queries * p_outputs);
    allocate(l_weights, p_queries * p_keys);
    allocate(l_y, p_queries * p_outputs);
    for i_row in 1 .. p_rows loop
      for i_query in 1 .. p_queries loop
        for i_key in 1 .. p_keys loop
          l_query := ((i_row - 1) * p_queries + i_query - 1) * p_inputs;
          l_key := ((i_row - 1) * p_keys + i_key - 1) * p_inputs;
          l_sum := 0d;
          for i in 1 .. p_inputs loop
            l_scale := p_scale(case when p_scale.count = 1 then 1 else i end);
            l_sum := l_sum + to_binary_double(l_scale)
              * tanh(to_binary_double(p_query(l_query + i) + p_key(l_key + i)));
          end loop;
          l_weights((i_query - 1) * p_keys + i_key) := to_binary_float(l_sum);
        end loop;
      end loop;
      attend(l_weights, p_mask, i_row, p_queries, p_keys, p_is_causal, false);
      l_value := get_row(p_value, i_row, p_keys * p_outputs);
      utl_nla.blas_gemm(
        'N', 'N', p_outputs, p_queries, p_keys, 1f, l_value, p_outputs, l_weights, p_keys,
        0f, l_y, p_outputs
      );
      place_row(l_y, i_row, p_y);
    end loop;
  end additive_attention;
end nn_runtime;
