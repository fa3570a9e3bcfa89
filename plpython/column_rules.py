"""The rules of what picks, fills in and maps columns."""

from plpython.data import a_flag, a_number, a_text, list_of, one_of, texts, whole
from plpython.values import (
    CALL,
    COLUMNS,
    EXP,
    ITEM,
    TOUCH,
    _search,
    _takes_texts,
    column_count,
    fit_exactly,
    need,
    numbers_of,
    rule,
    tensor,
)


@rule("select", columns=list_of(whole(0), 2**20, 1))
def _of_select(x, columns):
    need(x.shape and max(columns) < x.shape[-1], "it selects columns that its input does not have")
    return x.like((*x.shape[:-1], len(columns)))


@rule("impute", values=tensor(1), missing=a_number)
def _of_impute(x, values, missing=None):
    fit_exactly(x, (column_count(x),), values)
    return x.like(kind=numbers_of(x), work=EXP * x.size, scratch=3 * x.bytes)


@rule("impute_texts", words=texts, missing=a_text)
def _of_impute_texts(x, words, missing=None):
    _takes_texts(x)
    need(len(words) == column_count(x), "it was made for other columns")
    return x.like(work=ITEM * x.size, scratch=x.bytes)


@rule("map_numbers", keys=tensor(1), values=tensor(1), counts=COLUMNS, defaults=tensor(1),
      absent=tensor(1), strict=COLUMNS, complete=COLUMNS)  # fmt: skip
def _of_map_numbers(x, keys, values, counts, defaults, absent, strict, complete):
    columns = column_count(x)
    need(len(counts) == columns and sum(counts) == len(keys), "its counts do not fit")
    fit_exactly(x, keys.shape, values)
    fit_exactly(x, (columns,), defaults)
    fit_exactly(x, (columns,), absent)
    numbers_of(x)
    work = sum(4 * EXP + _search(count) for count in counts) * x.rows
    calls = (25 * CALL + ITEM * (len(strict) + len(complete)) / 30) * columns
    scratch = 60 * x.rows + 2 * 8 * max(counts, default=0)
    return x.like(
        kind=numbers_of(values), work=work, calls=calls, scratch=scratch, copies=2 * keys.nbytes
    )


def _lists_of_words(value):
    """The type of lists of lists of texts."""
    if type(value) is not list or len(value) > 2**20:
        return "a list of lists of texts"
    return next(filter(None, map(texts, value)), None)


@rule("map_texts", words=_lists_of_words, values=tensor(1), defaults=tensor(1), absent=tensor(1),
      strict=COLUMNS, complete=COLUMNS)  # fmt: skip
def _of_map_texts(x, words, values, defaults, absent, strict, complete):
    _takes_texts(x)
    columns = column_count(x)
    count = sum(map(len, words))
    need(len(words) == columns and count == len(values), "its words do not fit")
    fit_exactly(x, (columns,), defaults)
    fit_exactly(x, (columns,), absent)
    work = 2 * ITEM * x.rows * columns
    calls = (30 * CALL + ITEM * (len(strict) + len(complete)) / 30) * columns
    return x.like(
        kind=numbers_of(values),
        work=work,
        calls=calls,
        scratch=200 * x.rows,
        copies=500 * count + 3000 * columns,
    )


@rule("indicate", size=whole(1))
def _of_indicate(x, size):
    column_count(x)
    return x.like((size,), numbers_of(x), work=TOUCH * size * x.rows + 2 * EXP * x.size,
                  scratch=8 * (size + 2 * x.size))  # fmt: skip


@rule("discretize", edges=tensor(1), counts=COLUMNS, slack=a_flag)
def _of_discretize(x, edges, counts, slack):
    need(len(counts) == column_count(x) and sum(counts) == len(edges), "its counts do not fit")
    work = sum(EXP + _search(count) for count in counts) * x.rows
    return x.like(kind=numbers_of(x), work=work, calls=2 * CALL * len(counts), scratch=3 * x.bytes)


@rule("normalize_row", norm=one_of("l1", "l2", "max"), tiny=a_number)
def _of_normalize_row(x, norm, tiny):
    column_count(x)
    return x.like(kind=numbers_of(x), work=4 * TOUCH * x.size, scratch=x.bytes)


@rule("decide")
def _of_decide(x):
    column_count(x)
    return x.like((1,), numbers_of(x), work=2 * EXP * x.size, scratch=x.bytes)
