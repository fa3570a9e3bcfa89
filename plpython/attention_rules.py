"""The rules of attention."""

from plpython.data import a_flag, a_number, whole
from plpython.recurrent import BLOCK_NUMBERS
from plpython.values import EXP, MADD, Value, broadcast, need, numbers_of, rows_of, rule, tensor


@rule("attention", inputs=(3, 4), heads=whole(1), scale=a_number, is_causal=a_flag,
      is_masked=a_flag, zeroes_masked=a_flag)  # fmt: skip
def _of_attention(query, key, value, *masks, heads, scale, is_causal, is_masked, zeroes_masked):
    return _attend_shapes(heads, 1, is_masked, query, key, value, *masks)


@rule("additive_attention", inputs=(3, 4), scale=tensor(1), is_causal=a_flag, is_masked=a_flag)
def _of_additive_attention(query, key, value, *masks, scale, is_causal, is_masked):
    need(query.shape and scale.shape[0] in (1, query.shape[-1]), "its scale does not fit")
    return _attend_shapes(1, query.shape[-1], is_masked, query, key, value, *masks)


def _attend_shapes(heads, wide, is_masked, query, key, value, *masks):
    """What attention gives; wide is how many numbers there are for a query and a key."""
    values = (query, key, value, *masks)
    need(len(masks) == is_masked and all(len(x.shape) == 2 for x in values), "inputs do not fit")
    (t, n), (s, width), (length, m) = query.shape, key.shape, value.shape
    need(n == width and s == length and n % heads == 0 == m % heads, "its inputs do not fit")
    need(not masks or broadcast((t, s), masks[0].shape) == (t, s), "its mask does not fit")
    made = Value((t, m), numbers_of(*values), rows_of(values))
    scores = heads * t * s * made.rows
    work = t * s * (n + m) * MADD * 2 * made.rows + scores * (6 * EXP + 2 * EXP * (wide - 1))
    rows = max(1, BLOCK_NUMBERS // (heads * t * s * wide)) / made.rows
    scratch = 8 * (8 * scores + 3 * wide * t * s * made.rows) / made.rows
    return made.like(work=work, scratch=scratch, is_cut=True, piece=work * rows)
