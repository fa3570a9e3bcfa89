create or replace package body nn_trees is

  gc_tiny constant binary_double := 1.0000000180025095e-35d; -- 1e-35 in single precision

  function to_places(p_x in utl_nla_array_dbl) return nn_double.t_shape is
    l_places nn_double.t_shape := nn_double.t_shape();
  begin
    if p_x.count > 0 then
      l_places.extend(p_x.count);
    end if;
    for i in 1 .. p_x.count loop
      l_places(i) := p_x(i);
    end loop;
    return l_places;
  end to_places;

  -- The number, or what BINARY_FLOAT makes of it. Rounded so, a sum or quotient of two numbers of
  -- BINARY_FLOAT is what BINARY_FLOAT computes: 53 bits are more than twice 24 and two.
  function rounded(p_x in binary_double, p_is_single in boolean) return binary_double is
  begin
    return case when p_is_single then to_binary_double(to_binary_float(p_x)) else p_x end;
  end rounded;

  -- Whether p_x is among the members behind p_first up to p_last, which ascend.
  function is_member(
    p_members in utl_nla_array_dbl,
    p_first in pls_integer,
    p_last in pls_integer,
    p_x in binary_double
  ) return boolean is
    l_low pls_integer := p_first + 1;
    l_high pls_integer := p_last;
    l_middle pls_integer;
  begin
    while l_low <= l_high loop
      l_middle := floor((l_low + l_high) / 2);
      if p_members(l_middle) = p_x then
        return true;
      elsif p_members(l_middle) < p_x then
        l_low := l_middle + 1;
      else
        l_high := l_middle - 1;
      end if;
    end loop;
    return false;
  end is_member;

  -- 1 for a category that is in a set, 0 for another, and as the bits of p_flags say.
  function answer(
    p_x in binary_double,
    p_flags in pls_integer,
    p_members in utl_nla_array_dbl,
    p_first in pls_integer,
    p_last in pls_integer
  ) return binary_double is
    l_is_in boolean;
  begin
    if p_x is nan then
      return case when p_flags in (2, 3, 6, 7) then 1d else 0d end;
    end if;
    if p_x > -1d and p_x < 0d then
      l_is_in := p_flags >= 4 and is_member(p_members, p_first, p_last, 0d);
    else
      l_is_in := is_member(p_members, p_first, p_last, floor(p_x));
    end if;
    if p_flags in (1, 3, 5, 7) then
      l_is_in := not l_is_in;
    end if;
    return case when l_is_in then 1d else 0d end;
  end answer;

  -- What nodes ask about of the row behind p_start. None is NaN, whose place among numbers no
  -- manual of PL/SQL says.
  procedure make_cells(
    p_x in utl_nla_array_dbl,
    p_start in pls_integer,
    p_compares_single in boolean,
    p_columns in nn_double.t_shape,
    p_members in utl_nla_array_dbl,
    p_cells in out nocopy utl_nla_array_dbl
  ) is
    l_at pls_integer := 0;
    l_x binary_double;
    l_kind pls_integer;
    l_is_missing boolean;
  begin
    for i in 1 .. p_cells.count loop
      l_x := rounded(p_x(p_start + p_columns(l_at + 1)), p_compares_single);
      l_kind := p_columns(l_at + 2);
      if l_kind >= 8 then
        p_cells(i) := answer(
          l_x, l_kind - 8, p_members, p_columns(l_at + 3), p_columns(l_at + 4)
        );
      else
        l_is_missing := l_x is nan or (l_kind in (3, 4, 6) and abs(l_x) <= gc_tiny);
        p_cells(i) := case
          when l_kind in (5, 6) then case when l_is_missing then 1d else 0d end
          when l_kind = 7 then case when l_is_missing then 0d else 1d end
          when not l_is_missing then l_x
          when l_kind in (1, 4) then binary_double_infinity
          when l_kind = 2 then 0d
          else -binary_double_infinity
        end;
      end if;
      l_at := l_at + 4;
    end loop;
  end make_cells;

  -- The leaf of each tree.
  procedure walk(
    p_cells in utl_nla_array_dbl,
    p_starts in nn_double.t_shape,
    p_column in nn_double.t_shape,
    p_bound in utl_nla_array_dbl,
    p_left in nn_double.t_shape,
    p_leaf in out nocopy nn_double.t_shape
  ) is
    l_node pls_integer;
    l_left pls_integer;
  begin
    for i_tree in 1 .. p_starts.count loop
      l_node := p_starts(i_tree);
      l_left := p_left(l_node);
      while l_left > 0 loop
        if p_cells(p_column(l_node)) >= p_bound(l_node) then
          l_node := l_left + 1;
        else
          l_node := l_left;
        end if;
        l_left := p_left(l_node);
      end loop;
      p_leaf(i_tree) := -l_left;
    end loop;
  end walk;

  -- Room for the cells of a row and for its leaves.
  procedure make_room(
    p_columns in nn_double.t_shape,
    p_starts in nn_double.t_shape,
    p_cells in out nocopy utl_nla_array_dbl,
    p_leaf in out nocopy nn_double.t_shape
  ) is
  begin
    p_cells := utl_nla_array_dbl();
    if p_columns.count > 0 then
      p_cells.extend(p_columns.count / 4);
    end if;
    p_leaf := nn_double.t_shape();
    p_leaf.extend(p_starts.count);
  end make_room;

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
  ) is
    l_width pls_integer := case when p_target is null then p_base.count else 1 end;
    l_divisor binary_double := p_divisor;
    l_cells utl_nla_array_dbl;
    l_leaf nn_double.t_shape;
    l_from pls_integer := 0;
    l_to pls_integer := 0;
    l_place pls_integer;
    l_at pls_integer;
    l_sum binary_double;
  begin
    nn_double.allocate(p_y, p_x.count / p_width * p_base.count);
    make_room(p_columns, p_starts, l_cells, l_leaf);
    while l_from < p_x.count loop
      make_cells(p_x, l_from, p_compares_single, p_columns, p_members, l_cells);
      walk(l_cells, p_starts, p_column, p_bound, p_left, l_leaf);
      for i in 1 .. p_base.count loop
        p_y(l_to + i) := p_base(i);
      end loop;
      for i_tree in 1 .. l_leaf.count loop
        l_place := (l_leaf(i_tree) - 1) * l_width;
        l_at := l_to + case when p_target is null then 0 else p_target(i_tree) - 1 end;
        for i in 1 .. l_width loop
          l_sum := p_y(l_at + i) + p_leaves(l_place + i);
          p_y(l_at + i) := case
            when p_adds_single then to_binary_double(to_binary_float(l_sum))
            else l_sum
          end;
        end loop;
      end loop;
      if p_divisor <> 1 then
        for i in l_to + 1 .. l_to + p_base.count loop
          p_y(i) := rounded(p_y(i) / l_divisor, p_adds_single);
        end loop;
      end if;
      l_from := l_from + p_width;
      l_to := l_to + p_base.count;
    end loop;
  end trees;
end nn_trees;
