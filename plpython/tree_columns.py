"""What trees ask, made of the rows' numbers: missing values and sets of categories as numbers."""

import numpy as np

TREE_KINDS = {
    "plain": 0, "right": 1, "zero": 2, "zero_left": 3, "zero_right": 4, "is_nan": 5,
    "is_zero": 6, "set": 8,
}  # fmt: skip
INVERTED, NAN_RIGHT, TRUNCATES = 1, 2, 4  # flags that are added to the kind of a set
MOST_ANSWERS = 2**29  # of the sets of a number of the row
TINY = float(np.float32(1e-35))  # LightGBM's zero: numbers of at most this size


class TreeColumns:
    """What the questions are asked of, made of the rows' numbers.

    columns holds four numbers for each: the number of the row it is made of, its kind, and where
    its categories begin and end in members. The kinds: plain, a NaN is less than any bound and so
    goes left; right, a NaN is infinite and goes right; zero, a NaN is 0; zero_left and zero_right,
    NaN and TINY numbers go there; is_nan, 1 for a NaN and 0 for a number; is_zero, 1 for a NaN and
    for TINY numbers; set, 1 for a category among the members and 0 for others. A set's flags:
    INVERTED, 0 for the members and 1 for others; NAN_RIGHT, a NaN is 1, else 0; TRUNCATES, -0.5 is
    category 0, which it else is not.
    """

    def __init__(self, columns, members):
        self.sources = columns[:, 0].astype(np.intp)
        self.kinds = columns[:, 1]
        self.groups = [
            (kind, np.flatnonzero(self.kinds == number))
            for kind, number in TREE_KINDS.items()
            if kind not in ("plain", "set")
        ]
        self.groups = [(kind, places) for kind, places in self.groups if len(places)]
        sets = np.flatnonzero(self.kinds >= TREE_KINDS["set"])
        self.sets = [
            (source, places, *_answer_sets(columns[places], members))
            for source in np.unique(self.sources[sets])
            for places in [sets[self.sources[sets] == source]]
        ]

    def make(self, x):
        """Rows (n, features) -> columns (columns, n)."""
        result = x.T.take(self.sources, axis=0)
        if not self.groups and not self.sets:
            return result
        numbers = x.T
        for kind, places in self.groups:
            result[places] = _replace_missing(kind, result[places])
        for source, places, categories, answers in self.sets:
            result[places] = answers.take(_find_answers(numbers[source], categories), axis=1)
        return result


def _replace_missing(kind, x):
    """Numbers as a column of this kind holds them."""
    missing = np.isnan(x)
    if kind == "is_nan":
        return missing
    if kind in ("zero_left", "zero_right", "is_zero"):
        missing |= np.abs(x) <= TINY
    if kind == "is_zero":
        return missing
    value = {"right": np.inf, "zero": 0, "zero_left": np.nan, "zero_right": np.inf}[kind]
    return np.where(missing, x.dtype.type(value), x)


def _answer_sets(columns, members):
    """All categories that some set names, sorted, and the sets' answers for each.

    Shapes: columns (sets, 4) -> categories (c,), answers (sets, c + 4): behind the categories stand
    the answers for one that no set names, for a NaN, for a fraction of 0 and for its negative.
    """
    flags = columns[:, 1] - TREE_KINDS["set"]
    pieces = [members[start:end] for start, end in columns[:, 2:]]
    categories, places = np.unique(np.concatenate(pieces), return_inverse=True)
    rows = np.repeat(np.arange(len(columns)), [len(piece) for piece in pieces])
    if len(columns) * len(categories) > MOST_ANSWERS:
        raise ValueError(f"{len(columns)} sets of {len(categories)} categories are too many")
    inside = np.zeros((len(columns), len(categories) + 3), np.uint8)
    inside[rows, places.ravel()] = 1
    count = len(categories)
    zero = np.searchsorted(categories, 0)
    if zero < count and categories[zero] == 0:
        truncates = (flags & TRUNCATES) != 0
        inside[truncates, count + 2] = inside[truncates, zero]
    answers = inside ^ (flags & INVERTED).astype(np.uint8)[:, None]
    answers[:, count + 1] = (flags & NAN_RIGHT) != 0
    return categories.astype(np.float64), answers


def _find_answers(x, categories):
    """Where each number's answers stand, see _answer_sets."""
    whole = np.floor(x).astype(np.float64)
    places = np.searchsorted(categories, whole)  # a NaN is placed behind all
    known = categories.take(places, mode="clip") == whole if len(categories) else np.isinf(whole)
    places[~known] = len(categories)
    places[np.isnan(x)] = len(categories) + 1
    places[(x > -1) & (x < 0)] = len(categories) + 2
    return places
