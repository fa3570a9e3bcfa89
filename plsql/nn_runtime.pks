create or replace package nn_runtime authid definer is
  -- One routine for each op of a network, under its name, on arrays of UTL_NLA.
  -- An array holds a batch row after row, each row in row-major order: for UTL_NLA, whose matrices
  -- are column-major, that is a matrix whose columns are the rows. No array may hold more than
  -- gc_max_numbers. Where a routine works along one axis, p_length is the length of that axis and
  -- p_inner how many numbers lie behind each of its positions; whatever lies before counts itself.
  -- p_x is read, p_y written; where there is no p_x, p_y is changed in place. p_x and p_y must be
  -- two variables. A p_shape names all axes, the rows first; axes count from 1.
  -- Products are made by UTL_NLA in BINARY_FLOAT; exp, ln and tanh, and all sums made here, in
  -- BINARY_DOUBLE: for a BINARY_FLOAT, EXP would be that of NUMBER, in decimal software.
  -- There is no state.

  gc_max_numbers constant pls_integer := 1000000;

  type t_blocks is table of utl_nla_array_flt index by pls_integer;
  type t_shape is table of pls_integer;
  type t_labels is table of varchar2(4000);
  type t_ids is table of varchar2(4000) index by pls_integer;
  type t_column is table of binary_double index by pls_integer;
  type t_flags is table of boolean index by pls_integer;
  type t_places is table of pls_integer index by pls_integer;

  -- An activation function with its options; null is the function's own default.
  type t_gate is record (
    function_name varchar2(30),
    negative_slope binary_double,
    max_value binary_double,
    threshold binary_double,
    slope binary_double,
    intercept binary_double,
    alpha binary_double,
    is_approximate boolean
  );

  -- All errors that this package and those of the models raise.
  gc_wrong_length constant pls_integer := -20101;
  ex_wrong_length exception;
  pragma exception_init(ex_wrong_length, -20101);
  gc_too_large constant pls_integer := -20102;
  ex_too_large exception;
  pragma exception_init(ex_too_large, -20102);
  gc_missing_weights constant pls_integer := -20103;
  ex_missing_weights exception;
  pragma exception_init(ex_missing_weights, -20103);
  gc_altered_weights constant pls_integer := -20104;
  ex_altered_weights exception;
  pragma exception_init(ex_altered_weights, -20104);
  gc_bad_index constant pls_integer := -20105;
  ex_bad_index exception;
  pragma exception_init(ex_bad_index, -20105);
  gc_too_short constant pls_integer := -20106;
  ex_too_short exception;
  pragma exception_init(ex_too_short, -20106);
  gc_wrong_score constant pls_integer := -20107;
  ex_wrong_score exception;
  pragma exception_init(ex_wrong_score, -20107);
  gc_missing_samples constant pls_integer := -20108;
  ex_missing_samples exception;
  pragma exception_init(ex_missing_samples, -20108);
  gc_wrong_columns constant pls_integer := -20110;
  ex_wrong_columns exception;
  pragma exception_init(ex_wrong_columns, -20110);
  gc_not_boolean constant pls_integer := -20111;
  ex_not_boolean exception;
  pragma exception_init(ex_not_boolean, -20111);
  gc_unknown_function constant pls_integer := -20109;
  ex_unknown_function exception;
  pragma exception_init(ex_unknown_function, -20109);

  gc_unknown_category constant pls_integer := -20112;
  ex_unknown_category exception;
  pragma exception_init(ex_unknown_category, -20112);

  -- Arrays in and out.

  -- p_y of p_count numbers, all p_value.
  procedure allocate(
    p_y in out nocopy utl_nla_array_flt,
    p_count in pls_integer,
    p_value in binary_float default 0f
  );

  -- Whether an array can be scored: false when it or an element is null.
  -- p_numbers is what the input takes, or a divisor of it where p_is_free.
  function is_complete(
    p_x in utl_nla_array_flt,
    p_numbers in pls_integer,
    p_is_free in boolean,
    p_input in varchar2
  ) return boolean;

  function cast_(p_x in utl_nla_array_dbl) return utl_nla_array_flt;

  -- Makes an array row p_row of a batch; false, when it or an element is null.
  function put_row(
    p_x in utl_nla_array_flt,
    p_row in pls_integer,
    p_numbers in pls_integer,
    p_input in varchar2,
    p_y in out nocopy utl_nla_array_flt
  ) return boolean;

  -- Row p_row of a batch of p_count numbers a row.
  function get_row(
    p_x in utl_nla_array_flt,
    p_row in pls_integer,
    p_count in pls_integer
  ) return utl_nla_array_flt;

  -- Raises ex_altered_weights unless an array has its count and, within 1e-12 of each, its two running
  -- sums.
  procedure check_part(
    p_data in utl_nla_array_flt,
    p_part in pls_integer,
    p_numbers in number,
    p_sum_1 in binary_double,
    p_sum_2 in binary_double,
    p_version in varchar2
  );

  -- Raises ex_missing_weights unless there are parts 0 to p_count - 1.
  procedure check_parts(
    p_parts in t_blocks,
    p_count in pls_integer,
    p_version in varchar2
  );

  -- The label of a row of scores: the largest, or for one score whether it is above p_threshold.
  function label_of(
    p_x in utl_nla_array_flt,
    p_row in pls_integer,
    p_labels in t_labels,
    p_threshold in binary_double default null
  ) return varchar2;

  -- The label that a row's number tells by its place among them, from 0; null for NaN.
  function label_at(
    p_x in utl_nla_array_flt,
    p_row in pls_integer,
    p_labels in t_labels
  ) return varchar2;

  -- Largest |score - expected| / max(1, |expected|); infinite where they cannot be compared.
  function difference(
    p_x in utl_nla_array_flt,
    p_expected in utl_nla_array_flt
  ) return binary_double;

  -- The number at a place of an array, for SQL.
  function number_of(p_x in utl_nla_array_flt, p_place in number) return binary_double;

  -- Products with weights. A kernel over gc_max_numbers comes in blocks of whole rows.

  procedure dense(
    p_x in utl_nla_array_flt,
    p_rows in pls_integer,
    p_inputs in pls_integer,
    p_units in pls_integer,
    p_kernel in t_blocks,
    p_bias in utl_nla_array_flt,
    p_y in out nocopy utl_nla_array_flt
  );

  -- How many windows fit along an axis.
  function count_windows(
    p_length in pls_integer,
    p_size in pls_integer,
    p_stride in pls_integer,
    p_dilation in pls_integer,
    p_padding in varchar2
  ) return pls_integer;

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
  );

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
  );

  -- An iteration for each weight and row: its kernel differs from position to position.
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
  );

  procedure embedding(
    p_x in utl_nla_array_flt,
    p_vocabulary in pls_integer,
    p_width in pls_integer,
    p_table in t_blocks,
    p_y in out nocopy utl_nla_array_flt
  );

  -- Weights of each number: they repeat after as many positions as they have, p_inner numbers each.

  procedure affine(
    p_y in out nocopy utl_nla_array_flt,
    p_scale in utl_nla_array_flt,
    p_offset in utl_nla_array_flt,
    p_inner in pls_integer default 1
  );

  procedure standardize(
    p_y in out nocopy utl_nla_array_flt,
    p_mean in utl_nla_array_flt,
    p_deviation in utl_nla_array_flt,
    p_inner in pls_integer default 1
  );

  procedure prelu(
    p_y in out nocopy utl_nla_array_flt,
    p_alpha in utl_nla_array_flt,
    p_inner in pls_integer default 1
  );

  procedure constant_(
    p_value in utl_nla_array_flt,
    p_rows in pls_integer,
    p_y in out nocopy utl_nla_array_flt
  );

  -- Functions of each number.

  function gate(
    p_function in varchar2,
    p_negative_slope in binary_double default null,
    p_max_value in binary_double default null,
    p_threshold in binary_double default null,
    p_slope in binary_double default null,
    p_intercept in binary_double default null,
    p_alpha in binary_double default null,
    p_is_approximate in boolean default false
  ) return t_gate;

  procedure activation(p_y in out nocopy utl_nla_array_flt, p_gate in t_gate);

  procedure activation(p_y in out nocopy utl_nla_array_flt, p_function in varchar2);

  procedure unary(p_y in out nocopy utl_nla_array_flt, p_function in varchar2);

  procedure clip(
    p_y in out nocopy utl_nla_array_flt,
    p_low in binary_float,
    p_high in binary_float
  );

  procedure not_equal(p_y in out nocopy utl_nla_array_flt, p_value in binary_float);

  procedure fill(p_y in out nocopy utl_nla_array_flt, p_value in binary_float);

  procedure bucketize(
    p_y in out nocopy utl_nla_array_flt,
    p_boundaries in utl_nla_array_flt
  );

  procedure lookup(
    p_y in out nocopy utl_nla_array_flt,
    p_keys in utl_nla_array_flt,
    p_values in utl_nla_array_flt,
    p_default in binary_float
  );

  procedure encode(
    p_x in utl_nla_array_flt,
    p_length in pls_integer,
    p_depth in pls_integer,
    p_mode in varchar2,
    p_y in out nocopy utl_nla_array_flt
  );

  -- Functions along an axis.

  procedure softmax(
    p_y in out nocopy utl_nla_array_flt,
    p_length in pls_integer,
    p_inner in pls_integer default 1
  );

  procedure log_softmax(
    p_y in out nocopy utl_nla_array_flt,
    p_length in pls_integer,
    p_inner in pls_integer default 1
  );

  procedure sparsemax(
    p_y in out nocopy utl_nla_array_flt,
    p_length in pls_integer,
    p_inner in pls_integer default 1
  );

  procedure glu(
    p_x in utl_nla_array_flt,
    p_length in pls_integer,
    p_inner in pls_integer,
    p_y in out nocopy utl_nla_array_flt
  );

  -- Where along an axis the largest (max) or smallest (min) number stands first, from 0.
  procedure find_extreme(
    p_x in utl_nla_array_flt,
    p_function in varchar2,
    p_length in pls_integer,
    p_inner in pls_integer,
    p_y in out nocopy utl_nla_array_flt
  );

  -- The sum (sum) or product (prod) along an axis up to each number.
  procedure cumulate(
    p_y in out nocopy utl_nla_array_flt,
    p_function in varchar2,
    p_length in pls_integer,
    p_inner in pls_integer
  );

  procedure reduce(
    p_x in utl_nla_array_flt,
    p_function in varchar2,
    p_length in pls_integer,
    p_inner in pls_integer,
    p_y in out nocopy utl_nla_array_flt
  );

  procedure masked_mean(
    p_x in utl_nla_array_flt,
    p_mask in utl_nla_array_flt,
    p_rows in pls_integer,
    p_length in pls_integer,
    p_inner in pls_integer,
    p_y in out nocopy utl_nla_array_flt
  );

  -- p_gamma and p_beta, or neither; they lie as the weights of affine.
  procedure layer_normalization(
    p_y in out nocopy utl_nla_array_flt,
    p_length in pls_integer,
    p_inner in pls_integer,
    p_epsilon in binary_double,
    p_gamma in utl_nla_array_flt default null,
    p_beta in utl_nla_array_flt default null,
    p_weight_inner in pls_integer default 1
  );

  procedure unit_normalization(
    p_y in out nocopy utl_nla_array_flt,
    p_length in pls_integer,
    p_inner in pls_integer,
    p_epsilon in binary_double
  );

  -- Two values of one shape: p_y and p_x become p_y.

  procedure add_(p_y in out nocopy utl_nla_array_flt, p_x in utl_nla_array_flt);
  procedure multiply(p_y in out nocopy utl_nla_array_flt, p_x in utl_nla_array_flt);
  procedure subtract(p_y in out nocopy utl_nla_array_flt, p_x in utl_nla_array_flt);
  procedure divide(p_y in out nocopy utl_nla_array_flt, p_x in utl_nla_array_flt);
  procedure power_(p_y in out nocopy utl_nla_array_flt, p_x in utl_nla_array_flt);
  procedure maximum(p_y in out nocopy utl_nla_array_flt, p_x in utl_nla_array_flt);
  procedure minimum(p_y in out nocopy utl_nla_array_flt, p_x in utl_nla_array_flt);

  procedure modulo(p_y in out nocopy utl_nla_array_flt, p_x in utl_nla_array_flt);

  -- 1 where the relation p_function (equal, less, ...) holds between p_y and p_x, 0 elsewhere.
  procedure compare(
    p_y in out nocopy utl_nla_array_flt,
    p_x in utl_nla_array_flt,
    p_function in varchar2
  );

  -- The mean of p_count values whose sum is p_y.
  procedure average(p_y in out nocopy utl_nla_array_flt, p_count in pls_integer);

  -- p_y where the condition is not 0, else p_x.
  procedure where_(
    p_y in out nocopy utl_nla_array_flt,
    p_condition in utl_nla_array_flt,
    p_x in utl_nla_array_flt
  );

  -- p_count matrices (p_m, p_k) times as many (p_k, p_n).
  procedure matmul(
    p_a in utl_nla_array_flt,
    p_b in utl_nla_array_flt,
    p_count in pls_integer,
    p_m in pls_integer,
    p_k in pls_integer,
    p_n in pls_integer,
    p_y in out nocopy utl_nla_array_flt
  );

  -- Numbers that move.

  -- Put p_x, p_width numbers at a time, behind p_offset numbers of each p_total of p_y.
  procedure concatenate(
    p_x in utl_nla_array_flt,
    p_width in pls_integer,
    p_total in pls_integer,
    p_offset in pls_integer,
    p_y in out nocopy utl_nla_array_flt
  );

  procedure transpose(
    p_x in utl_nla_array_flt,
    p_shape in t_shape,
    p_axes in t_shape,
    p_y in out nocopy utl_nla_array_flt
  );

  -- p_new_shape is p_shape with other lengths where that is 1.
  procedure broadcast(
    p_x in utl_nla_array_flt,
    p_shape in t_shape,
    p_new_shape in t_shape,
    p_y in out nocopy utl_nla_array_flt
  );

  procedure pad(
    p_x in utl_nla_array_flt,
    p_shape in t_shape,
    p_before in t_shape,
    p_after in t_shape,
    p_value in binary_float,
    p_y in out nocopy utl_nla_array_flt
  );

  -- Of each axis p_new_shape positions, from p_start (counted from 0) in steps of p_step.
  procedure cut(
    p_x in utl_nla_array_flt,
    p_shape in t_shape,
    p_start in t_shape,
    p_step in t_shape,
    p_new_shape in t_shape,
    p_y in out nocopy utl_nla_array_flt
  );

  procedure repeat_(
    p_x in utl_nla_array_flt,
    p_times in pls_integer,
    p_inner in pls_integer,
    p_y in out nocopy utl_nla_array_flt
  );

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
  );

  -- Sequences. p_x holds p_steps steps of p_inputs numbers a row. p_result is sequence, last,
  -- hidden or cell. Where p_mask, a number for each row and step, is 0, the states stay and the
  -- output repeats the one before, or is 0 where p_zeroes_masked. p_hidden and p_cell are states.

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
  );

  -- The columns of kernels and bias are those of the gates i and f, the new value, the gate o.
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
  );

  -- An LSTM whose states are images of p_lengths places with p_filters numbers each. The steps of
  -- p_x are those of an LSTM times its kernel, for every place.
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
  );

  -- The columns are those of the gates z and s, then of the new value, which has a recurrent
  -- kernel and, where p_reset_after, a recurrent bias of its own.
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
  );

  -- p_inputs numbers of each query and key, p_outputs of each value, in p_heads equal parts. p_mask
  -- holds a number for each row, query and key.
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
  );

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
  );
end nn_runtime;
