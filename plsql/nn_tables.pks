create or replace package nn_tables authid definer is
  -- Ops over the columns of tables: what scalers, encoders and imputers are made of, and predictors.
  -- Numbers are of BINARY_DOUBLE, a missing one is NaN; texts are in collections of t_texts, a
  -- missing one is NULL. Arrays, parameters and the meaning of p_x and p_y are those of nn_runtime;
  -- p_width is how many columns a row has. What holds something for each column holds it one column
  -- after the other, p_counts of it in each. Whether NaN equals itself and is greater than
  -- every number in PL/SQL, as in SQL, no manual says: a routine asks for it first. Texts are
  -- compared as bytes, whatever NLS_COMP and NLS_SORT say. There is no state.

  type t_texts is table of varchar2(32767 byte);
  type t_text_column is table of varchar2(32767 byte) index by pls_integer;
  type t_date_column is table of date index by pls_integer;
  type t_timestamp_column is table of timestamp index by pls_integer;

  -- Words to look up: each word's bytes after the number of its column, at its hash or behind, where
  -- others stand there; and the word's place among all. Collections indexed by texts would compare as
  -- NLS_COMP and NLS_SORT say, and be out of order when a session changes them.
  type t_keys is table of varchar2(32767 byte) index by pls_integer;
  type t_places is table of pls_integer index by pls_integer;
  type t_vocabulary is record (
    keys t_keys,
    places t_places,
    longest pls_integer
  );

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

  -- The words of all columns, p_counts of them in each.
  function vocabulary(p_words in t_texts, p_counts in nn_double.t_shape) return t_vocabulary;

  -- The elements of a row in these places, from 1.
  procedure select_(
    p_x in utl_nla_array_dbl,
    p_width in pls_integer,
    p_places in nn_double.t_shape,
    p_y in out nocopy utl_nla_array_dbl
  );

  procedure select_(
    p_x in t_texts,
    p_width in pls_integer,
    p_places in nn_double.t_shape,
    p_y in out nocopy t_texts
  );

  -- Each NaN becomes its column's value, or each p_missing where that is given.
  procedure impute(
    p_y in out nocopy utl_nla_array_dbl,
    p_values in utl_nla_array_dbl,
    p_missing in binary_double default null
  );

  -- Each missing text, or p_missing where that is given, becomes its column's word.
  procedure impute_texts(
    p_y in out nocopy t_texts,
    p_words in t_texts,
    p_missing in varchar2 default null
  );

  -- 1 for a NaN, or for p_missing where that is given, else 0.
  procedure is_missing(
    p_y in out nocopy utl_nla_array_dbl,
    p_missing in binary_double default null
  );

  procedure is_missing(
    p_x in t_texts,
    p_missing in varchar2,
    p_y in out nocopy utl_nla_array_dbl
  );

  -- The value beside the key, of which each column's ascend; p_defaults for other numbers, p_absent
  -- for NaN. 1 in p_is_strict: another number is an error; in p_is_complete: so is NaN.
  procedure map_numbers(
    p_y in out nocopy utl_nla_array_dbl,
    p_keys in utl_nla_array_dbl,
    p_values in utl_nla_array_dbl,
    p_counts in nn_double.t_shape,
    p_defaults in utl_nla_array_dbl,
    p_absent in utl_nla_array_dbl,
    p_is_strict in nn_double.t_shape,
    p_is_complete in nn_double.t_shape
  );

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
  );

  -- The value beside the word, else p_default; where that is null, another text is an error.
  procedure string_lookup(
    p_x in t_texts,
    p_words in t_vocabulary,
    p_values in utl_nla_array_dbl,
    p_default in binary_double,
    p_y in out nocopy utl_nla_array_dbl
  );

  -- 1 in the places from 0 to p_size - 1 that are in a row of p_x, 0 in the others.
  procedure indicate(
    p_x in utl_nla_array_dbl,
    p_width in pls_integer,
    p_size in pls_integer,
    p_y in out nocopy utl_nla_array_dbl
  );

  -- How many of its column's edges, which ascend, are at most a number, which is made larger first
  -- by 1e-8 and 1e-5 of it with p_has_slack.
  procedure discretize(
    p_y in out nocopy utl_nla_array_dbl,
    p_edges in utl_nla_array_dbl,
    p_counts in nn_double.t_shape,
    p_has_slack in boolean
  );

  -- A row divided by its norm l1, l2 or max; by 1 where that is 0 or below p_tiny.
  procedure normalize_row(
    p_y in out nocopy utl_nla_array_dbl,
    p_width in pls_integer,
    p_norm in varchar2,
    p_tiny in binary_double
  );

  -- yeo-johnson or box-cox, under each column's exponent.
  procedure power_transform(
    p_y in out nocopy utl_nla_array_dbl,
    p_method in varchar2,
    p_lambdas in utl_nla_array_dbl
  );

  -- What power_transform gives p_y for.
  procedure power_inverse(
    p_y in out nocopy utl_nla_array_dbl,
    p_method in varchar2,
    p_lambdas in utl_nla_array_dbl
  );

  -- Where a number stands among its column's quantiles, from 0 to 1, or the normal distribution's
  -- quantile there. p_references has as many numbers as each column has quantiles.
  procedure quantile_transform(
    p_y in out nocopy utl_nla_array_dbl,
    p_quantiles in utl_nla_array_dbl,
    p_references in utl_nla_array_dbl,
    p_is_normal in boolean
  );

  -- Products of p_degree elements of a row each; place 0 is the number 1.
  procedure products(
    p_x in utl_nla_array_dbl,
    p_width in pls_integer,
    p_degree in pls_integer,
    p_places in nn_double.t_shape,
    p_y in out nocopy utl_nla_array_dbl
  );

  -- A function of each number, as numpy names it.
  procedure ufunc(p_y in out nocopy utl_nla_array_dbl, p_function in varchar2);

  -- The B-splines over each column's p_knots, side by side; p_outside: constant, linear, continue,
  -- periodic or error. Without p_has_last the last spline of each column is left out.
  procedure splines(
    p_x in utl_nla_array_dbl,
    p_width in pls_integer,
    p_knots in utl_nla_array_dbl,
    p_degree in pls_integer,
    p_outside in varchar2,
    p_has_last in boolean,
    p_y in out nocopy utl_nla_array_dbl
  );

  -- On the straight lines through points, which ascend; p_outside: clip, nan or error.
  procedure interpolate(
    p_y in out nocopy utl_nla_array_dbl,
    p_points in utl_nla_array_dbl,
    p_values in utl_nla_array_dbl,
    p_outside in varchar2
  );

  -- The sum of squared differences to each point; p_points hold p_width numbers each.
  procedure squared_distances(
    p_x in utl_nla_array_dbl,
    p_width in pls_integer,
    p_points in utl_nla_array_dbl,
    p_y in out nocopy utl_nla_array_dbl
  );

  -- How many pairs of classes each class wins, and less than a half more by how clearly.
  procedure pair_votes(
    p_wins in utl_nla_array_dbl,
    p_confidences in utl_nla_array_dbl,
    p_classes in pls_integer,
    p_y in out nocopy utl_nla_array_dbl
  );

  -- Probabilities of classes from those that the first of each pair wins, step by step until no step is
  -- larger than 0.005 / p_classes. Source: Wu, Lin, Weng: Probability estimates for multi-class
  -- classification by pairwise coupling, 2004.
  procedure couple_pairs(
    p_x in utl_nla_array_dbl,
    p_classes in pls_integer,
    p_y in out nocopy utl_nla_array_dbl
  );

  -- The least of a row's numbers that, with all that are smaller, has half the weight.
  procedure weighted_median(
    p_x in utl_nla_array_dbl,
    p_weights in utl_nla_array_dbl,
    p_y in out nocopy utl_nla_array_dbl
  );

  -- Which class a row has: 1 where its only number is above 0, else 0; of several the place of the
  -- first of the largest, from 0. NaN for a row that holds one.
  procedure decide(
    p_x in utl_nla_array_dbl,
    p_width in pls_integer,
    p_y in out nocopy utl_nla_array_dbl
  );
end nn_tables;
