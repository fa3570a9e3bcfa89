"""The rules of CatBoost's categories."""

from plpython.categories import PART_KINDS
from plpython.data import list_of, whole
from plpython.values import (
    CALL,
    EXP,
    ITEM,
    TOUCH,
    _search,
    _takes_texts,
    column_count,
    holds,
    need,
    numbers_of,
    rule,
    tensor,
)


@rule("city_hash")
def _of_city_hash(x):
    _takes_texts(x)
    return x.like(kind="f8", work=40 * ITEM * x.size, calls=400 * CALL, scratch=400 * x.size)


@rule("category_statistics", columns=tensor(1, kinds="i"), kinds=tensor(1, kinds="i"),
      operands=tensor(1), counts=list_of(whole(1, 2**10), 2**16, 1), keys=tensor(2, kinds="i"),
      sizes=list_of(whole(0), 2**16, 1), values=tensor(1),
      widths=list_of(whole(1, 2**16), 2**16, 1))  # fmt: skip
def _of_category_statistics(x, columns, kinds, operands, counts, keys, sizes, values, widths):
    kind = numbers_of(x)
    parts, tables, width = sum(counts), len(counts), sum(widths)
    need(len(columns) == len(kinds) == len(operands) == parts, "its parts do not fit its counts")
    need(holds(columns, 0, column_count(x)), "its columns are not the input's")
    need(holds(kinds, 0, len(PART_KINDS)), "a part is of no known kind")
    need(len(sizes) == len(widths) == tables, "its tables are not as many everywhere")
    need(keys.shape == (sum(sizes), 2), "its keys do not fit its tables")
    count = sum((size + 1) * wide for size, wide in zip(sizes, widths))
    need(len(values) == count, "its values do not fit its tables")
    work = (_search(len(keys)) + 6 * EXP) * tables * x.rows
    work += (4 * EXP * parts + 4 * TOUCH * width) * x.rows
    return x.like((width,), kind, work=work, calls=(40 + 20 * max(counts)) * CALL,
                  scratch=8 * (6 * parts + 6 * tables + 3 * width) * x.rows,
                  copies=100 * len(keys) + 60 * parts + 40 * width)  # fmt: skip
