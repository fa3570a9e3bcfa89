"""The rules of kernels of tables, texts and trees: what they take, and what becomes of shapes."""

import numpy as np

from plpython.categories import PART_KINDS
from plpython.data import a_flag, a_number, a_text, either, list_of, one_of, optional, texts, whole
from plpython.tabular import UFUNCS
from plpython.tree_columns import TREE_KINDS
from plpython.values import (
    CALL,
    ERF,
    EXP,
    ITEM,
    TOUCH,
    column_count,
    fit_exactly,
    holds,
    need,
    numbers_of,
    rule,
    tensor,
)

COLUMNS = list_of(whole(0), 2**20)
BINS = whole(1, 2**62)
GRAM = whole(1, 256)  # tokens of an n-gram, or letters
MOST_CLASSES = 2048
MOST_DEGREE = 32
KEY = whole(0, 2**64 - 1)


def _search(size):
    """The time to find a place among so many numbers that ascend."""
    return 10.0 * max(1, int(size)).bit_length()


def _takes_texts(x):
    need(x.kind == "text", "it takes texts, and not numbers")


# Elements by themselves.


@rule("ufunc", function=one_of(*UFUNCS))
def _of_ufunc(x, function):
    return x.like(kind=numbers_of(x), work=4 * EXP * x.size)


@rule("bucketize", boundaries=tensor(1))
def _of_bucketize(x, boundaries):
    numbers_of(x)
    return x.like(work=(_search(boundaries.size) + EXP) * x.size, scratch=8 * x.size)


@rule("lookup", keys=tensor(1), values=tensor(1), default=a_number)
def _of_lookup(x, keys, values, default):
    fit_exactly(x, keys.shape, values)
    kind = numbers_of(x, values)
    return x.like(kind=kind, work=(_search(keys.size) + EXP) * x.size, scratch=40 * x.size)


@rule("string_lookup", words=texts, places=tensor(1), default=a_number)
def _of_string_lookup(x, words, places, default=None):
    _takes_texts(x)
    need(len(words) == len(places), "it has other places than words")
    copies = places.nbytes + 300 * len(words)
    return x.like(kind=numbers_of(places), work=ITEM * x.size, scratch=80 * x.size, copies=copies)


@rule("encode", depth=whole(1), mode=one_of("one_hot", "multi_hot", "count"))
def _of_encode(x, depth, mode):
    kind = numbers_of(x)
    need(mode == "one_hot" or x.shape, "its input has no axis to join")
    shape = x.shape if mode == "one_hot" else x.shape[:-1]
    made = x.like((*shape, depth), kind)
    whole_size = x.size * depth
    return made.like(work=4 * TOUCH * whole_size + EXP * x.size, scratch=12 * whole_size)


@rule("interpolate", points=tensor(1), values=tensor(1),
      outside=one_of("clip", "nan", "error"))  # fmt: skip
def _of_interpolate(x, points, values, outside):
    need(points.size > 0, "it has no points")
    fit_exactly(x, points.shape, values)
    work = (_search(points.size) + EXP) * x.size
    return x.like(kind=numbers_of(x), work=work, scratch=24 * x.size)


@rule("hash_bucket", bins=BINS, first=tensor(1), mask=optional(either(a_text, a_number)),
      key=optional(list_of(KEY, 2, 2)))  # fmt: skip
def _of_hash_bucket(x, bins, first, key=None, mask=None):
    fit_exactly(x, (1,), first)
    return x.like(kind=numbers_of(first), work=50 * ITEM * x.size, scratch=100 * x.size)


@rule("cross_bucket", inputs=(2, 64), bins=BINS, first=tensor(1))
def _of_cross_bucket(*xs, bins, first):
    x = xs[0]
    need(len({(item.shape, item.rows) for item in xs}) == 1, "its inputs are of different shapes")
    fit_exactly(x, (1,), first)
    work = 60 * ITEM * x.size * len(xs)
    return x.like(kind=numbers_of(first), work=work, scratch=100 * x.size * len(xs))


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


@rule("is_missing", missing=either(a_text, a_number))
def _of_is_missing(x, missing=None):
    is_text = x.kind == "text"
    need(missing is None or is_text == (type(missing) is str), "what is missing is of another type")
    kind = "f8" if is_text else x.kind
    return x.like(kind=kind, work=EXP * x.size, scratch=2 * x.bytes)


# Columns.


@rule("select", columns=list_of(whole(0), 2**20, 1))
def _of_select(x, columns):
    need(max(columns) < column_count(x), "it selects columns that its input does not have")
    return x.like((len(columns),))


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


@rule("power_transform", "power_inverse", method=one_of("yeo-johnson", "box-cox"),
      lambdas=tensor(1))  # fmt: skip
def _of_power(x, method, lambdas):
    fit_exactly(x, (column_count(x),), lambdas)
    return x.like(kind=numbers_of(x), work=8 * EXP * x.size, calls=10 * CALL * lambdas.size,
                  scratch=80 * x.rows)  # fmt: skip


@rule("quantile_transform", "quantile_inverse", quantiles=tensor(2), references=tensor(1),
      is_normal=a_flag)  # fmt: skip
def _of_quantiles(x, quantiles, references, is_normal):
    need(quantiles.size and column_count(x) == quantiles.shape[1], "its quantiles do not fit")
    fit_exactly(x, quantiles.shape[:1], references)
    own = 2 * _search(len(quantiles)) + (12 * EXP + 2 * ERF if is_normal else 4 * EXP)
    copies = 4 * quantiles.shape[0] * TOUCH  # of a column's quantiles, in each call
    calls = (60 * CALL + copies) * quantiles.shape[1]
    return x.like(
        kind=numbers_of(x),
        work=own * x.size,
        calls=calls,
        scratch=200 * x.rows + 40 * len(quantiles),
    )


def _lists_of_places(value):
    """The type of lists of lists of places, all as long as the first."""
    if type(value) is not list or not value or not all(type(item) is list for item in value):
        return "a list of lists of whole numbers"
    flat = [n for item in value for n in item]
    fine = len({len(item) for item in value}) == 1 and flat and set(map(type, flat)) == {int}
    return None if fine else "a list of lists of whole numbers, as many in each"


@rule("products", places=_lists_of_places)
def _of_products(x, places):
    columns = column_count(x)
    need(all(-1 <= n < columns for item in places for n in item), "its input lacks a column")
    count, most = len(places), len(places[0])
    work = most * 3 * TOUCH * count * x.rows + 2 * TOUCH * x.size
    scratch, copies = 16 * (count + columns) * x.rows, 8 * count * most
    return x.like(
        (count,), numbers_of(x), work=work, calls=most * CALL, scratch=scratch, copies=copies
    )


@rule("splines", knots=tensor(2), degree=whole(0, MOST_DEGREE), has_last=a_flag,
      outside=one_of("constant", "linear", "continue", "periodic", "error"))  # fmt: skip
def _of_splines(x, knots, degree, outside, has_last):
    columns = column_count(x)
    need(knots.shape[1] == columns and len(knots) >= 2 * degree + 2, "its knots do not fit")
    count = len(knots) - degree - 1
    splines = count - (degree if outside == "periodic" else 0) - (not has_last)
    need(splines > 0, "nothing is left of its splines")
    made = x.like((columns * splines,), numbers_of(x, knots))
    rounds = (degree + 1) * (degree + 1)
    work = columns * rounds * 24 * EXP * x.rows + 6 * TOUCH * made.size
    calls = columns * rounds * 24 * CALL
    return made.like(
        work=work, calls=calls, scratch=8 * (2 * count * columns + 4 * degree + 20) * x.rows
    )


@rule("decide")
def _of_decide(x):
    column_count(x)
    return x.like((1,), numbers_of(x), work=2 * EXP * x.size, scratch=x.bytes)


# Predictors.


@rule("squared_distances", points=tensor(2))
def _of_squared_distances(x, points):
    need(points.size and column_count(x) == points.shape[1], "its points do not fit")
    made = x.like((len(points),), numbers_of(x, points))
    work = points.shape[1] * 1.5 * TOUCH * made.size
    return made.like(
        work=work, calls=points.shape[1] * 3 * CALL, scratch=made.bytes, copies=points.nbytes
    )


def _need_pairs(x, classes):
    """Refuse what is not one number for each pair of classes."""
    need(2 <= classes <= MOST_CLASSES, f"it compares {classes} classes")
    need(column_count(x) == classes * (classes - 1) // 2, "its inputs are no pairs")


CLASSES = whole(2, MOST_CLASSES)


@rule("pair_votes", inputs=2, classes=CLASSES)
def _of_pair_votes(wins, confidences, classes):
    _need_pairs(wins, classes)
    need(wins.shape == confidences.shape and wins.rows == confidences.rows, "inputs do not fit")
    made = wins.like((classes,), numbers_of(wins, confidences))
    work = wins.shape[0] * 20 * TOUCH * wins.rows
    return made.like(
        work=work,
        calls=wins.shape[0] * 6 * CALL,
        scratch=5 * made.bytes,
        copies=120 * wins.shape[0],
    )


@rule("couple_pairs", classes=CLASSES)
def _of_couple_pairs(x, classes):
    _need_pairs(x, classes)
    made = x.like((classes,), numbers_of(x))
    rounds = max(100, classes)
    once = classes * (12 * CALL + 20 * TOUCH * classes * x.rows)
    return made.like(work=rounds * once, scratch=50 * classes * classes * x.rows, piece=2 * once,
                     copies=40 * x.shape[0])  # fmt: skip


@rule("weighted_median", weights=tensor(1))
def _of_weighted_median(x, weights):
    fit_exactly(x, (column_count(x),), weights)
    return x.like((1,), numbers_of(x), work=8 * EXP * x.size, scratch=50 * x.size)


# Texts that are taken apart.

_accents = one_of("ascii", "unicode", "")
_analyzer = one_of("word", "char", "char_wb")
_standardize = one_of("", "lower", "strip_punctuation", "lower_and_strip_punctuation")
_split = one_of("", "whitespace", "character")
_ngrams = list_of(GRAM, 64)


@rule("tokenize", standardize=_standardize, split=_split, ngrams=_ngrams, length=whole(1))
def _of_tokenize(x, standardize, split, ngrams, length):
    _takes_texts(x)
    need(len(x.shape) <= 1, "it takes a text or a list of texts")
    return x.like((length,), work=ITEM * (10 * x.size + length * x.rows))


@rule("count_words", words=texts, weights=tensor(1), standardize=_standardize, split=_split,
      ngrams=_ngrams, is_binary=a_flag)  # fmt: skip
def _of_count_words(x, words, weights, standardize, split, ngrams, is_binary):
    _takes_texts(x)
    need(len(x.shape) <= 1 and weights.size > len(words), "its weights do not fit its words")
    made = x.like(weights.shape, numbers_of(weights))
    work = 10 * ITEM * x.size + 3 * TOUCH * made.size
    return made.like(work=work, scratch=2 * made.bytes, copies=120 * len(words))


@rule("count_tokens", words=texts, lower=a_flag, accents=_accents, analyzer=_analyzer, least=GRAM,
      most=GRAM, stop_words=texts, is_binary=a_flag)  # fmt: skip
@rule("hash_tokens", size=whole(1), lower=a_flag, accents=_accents, analyzer=_analyzer, least=GRAM,
      most=GRAM, stop_words=texts, is_binary=a_flag, is_signed=a_flag)  # fmt: skip
def _of_tokens(x, least, most, words=(), stop_words=(), size=None, **others):
    _takes_texts(x)
    need(x.shape == (1,), "it takes one text apart")
    need(least <= most, "its n-grams have none to none tokens")
    made = x.like((len(words) if size is None else size,), "f8")
    work = 30 * ITEM * x.size + 3 * TOUCH * made.size
    copies = 120 * (len(words) + len(stop_words))
    return made.like(work=work, scratch=made.bytes, copies=copies)


# Trees.

MOST_DEPTH = 2048  # questions that lead to a leaf: a block of a walk looks behind them
MOST_TREE_BYTES = 40  # what is kept of a node, over the bytes of its column, bound and left


@rule("trees", columns=tensor(2, kinds="fi"), members=tensor(1, kinds="fi"),
      starts=tensor(1, kinds="fi"), column=tensor(1, kinds="fi"), bound=tensor(1),
      left=tensor(1, kinds="i"), leaves=tensor(2), base=tensor(1),
      target=tensor(1, kinds="fi"), compare=one_of("float32", "float64"),
      total=one_of("float32", "float64"), divisor=whole(1))  # fmt: skip
def _of_trees(
    x, columns, members, starts, column, bound, left, leaves, base, target=None,
    compare="float64", total="float64", divisor=1,
):  # fmt: skip
    numbers_of(x)
    _check_columns(columns, members, column_count(x))
    depth = _check_nodes(starts, column, bound, left, leaves, len(columns))
    need(base.size and leaves.shape[1] in (1, len(base)), "its leaves do not fit its outputs")
    if target is not None:
        fit_exactly(x, starts.shape, target)
        need(holds(target, 0, len(base)), "a tree adds to an output that is not there")
    need(leaves.shape[1] == 1 or target is None, "its leaves are of all outputs")
    made = x.like((len(base),), "f8" if total == "float64" else "f4")
    trees = len(starts)
    wide = leaves.shape[1]
    work = trees * ((depth + 2) * 8 * EXP / 4 + TOUCH * 4 * (wide + len(base)))
    work += len(columns) * (CALL / 2 + 20 * TOUCH)
    # The kernel parts trees, not rows: a block of 2^15 walks, or the columns of 4096 rows.
    piece = 2**15 * (depth + 2) * 4 * TOUCH + len(columns) * (CALL / 2 + 4096 * 10 * TOUCH)
    scratch = 8 * (4 * len(columns) + x.shape[0]) + min(trees, 2**15) * (40 + 8 * wide)
    return made.like(work=x.rows * work,
        is_cut=True,
        piece=x.rows * piece, scratch=scratch * x.rows,
                     copies=MOST_TREE_BYTES * len(left) + 10 * leaves.nbytes)  # fmt: skip


def _check_columns(columns, members, features):
    """Refuse columns that are made of what is not there."""
    fine = columns.shape[1] == 4 and holds(columns, 0, 2**31)  # none where all trees are leaves
    need(fine and holds(columns[:, 0], 0, features), "its columns are not the input's")
    kinds = columns[:, 1]
    known = np.isin(kinds, list(TREE_KINDS.values())) | (kinds >= TREE_KINDS["set"])
    need(known.all() and holds(kinds, 0, TREE_KINDS["set"] + 8), "a column is of no known kind")
    sets = columns[kinds >= TREE_KINDS["set"]].astype(np.int64)
    first, end = sets[:, 2], sets[:, 3]
    fine = (first <= end).all() and (end <= len(members)).all() and holds(members, -(2**53), 2**53)
    need(fine and (end - first).sum() <= 2**26, "the categories of a column are not there")


def _check_nodes(starts, column, bound, left, leaves, columns):
    """Refuse nodes that are no trees; how many questions lead to the deepest leaf.

    Each node is the child of one at most, and a root of none, so that no way leads in a circle.
    """
    count = len(left)
    need(count and len(starts) and len(leaves), "it has no trees")
    need(len(column) == len(bound) == count, "its nodes are not as many everywhere")
    need(holds(starts, 0, count), "a tree begins at a node that is not there")
    inner = left >= 0
    first = left[inner].astype(np.intp)
    need(holds(left, -len(leaves), count - 1), "a node leads to one that is not there")
    need(holds(column[inner], 0, columns), "a node asks for a column that is not there")
    parents = np.bincount(first, minlength=count)
    parents[1:] += parents[:-1].copy()  # the right child is behind the left one
    parents += np.bincount(starts.astype(np.intp), minlength=count)
    need(parents.max() <= 1, "its nodes are no trees: two ways lead to one")
    level, depth = starts.astype(np.intp), 0
    while True:
        level = level[inner[level]]
        if not len(level):
            return depth
        depth += 1
        need(depth <= MOST_DEPTH, f"a tree is deeper than {MOST_DEPTH} questions")
        level = left[level].astype(np.intp)
        level = np.concatenate([level, level + 1])
