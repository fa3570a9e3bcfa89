create or replace package nn_trees authid definer is
  -- Sums over trees. A node asks whether a number is at least its bound: yes leads to its right child,
  -- which stands behind the left one. Nodes, leaves, columns and outputs are counted from 1. All is
  -- computed in BINARY_DOUBLE; where the model compares or adds in single precision, what is compared,
  -- and every sum, is rounded to BINARY_FLOAT, which gives the same to the last bit. Leaves are added one
  -- tree after another. There is no state.

  -- Weights that are places.
  function to_places(p_x in utl_nla_array_dbl) return nn_double.t_shape;

  -- p_columns: for each number that nodes ask about the place in a row of p_width numbers, its kind, and
  -- where its categories begin and end in p_members. The kinds say what a missing number is: 0 less
  -- than any bound; 1 infinite; 2 zero; 3 and 4, and numbers of at most 1e-35 too, less than any
  -- bound and infinite; 5 the number is 1 where one is missing, else 0; 6 also for 1e-35; 7 is 0 where
  -- one is missing, else 1. From 8 on it is 1 for a category that is in p_members, else 0; of the
  -- kind's bits 1 is for the contrary, 2 makes a missing one 1, and 4 makes -0.5 category 0.
  -- p_left: the left child, or for a leaf its number with a minus. p_target: the output that each tree adds
  -- to; null where there is one, or where leaves hold one number for each.
  procedure trees(
    p_x in utl_nla_array_dbl,
    p_width in pls_integer,
    p_compares_single in boolean,
    p_columns in nn_double.t_shape,
    p_members in utl_nla_array_dbl,
    p_starts in nn_double.t_shape,
    p_column in nn_double.t_shape,
    p_bound in utl_nla_array_dbl,
    p_left in nn_double.t_shape,
    p_leaves in utl_nla_array_dbl,
    p_base in utl_nla_array_dbl,
    p_target in nn_double.t_shape,
    p_divisor in pls_integer,
    p_adds_single in boolean,
    p_y in out nocopy utl_nla_array_dbl
  );
end nn_trees;
