"""The rules of what is done to each column, number or text by itself."""

from plpython.data import a_number, a_text, either, list_of, one_of, optional, texts, whole
from plpython.values import (
    EXP,
    ITEM,
    TOUCH,
    _search,
    _takes_texts,
    fit_exactly,
    need,
    numbers_of,
    rule,
    tensor,
)

BINS = whole(1, 2**62)
KEY = whole(0, 2**64 - 1)


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


@rule("is_missing", missing=either(a_text, a_number))
def _of_is_missing(x, missing=None):
    is_text = x.kind == "text"
    need(missing is None or is_text == (type(missing) is str), "what is missing is of another type")
    kind = "f8" if is_text else x.kind
    return x.like(kind=kind, work=EXP * x.size, scratch=2 * x.bytes)
