"""The rules of estimators that are no network and no tree."""

from plpython.data import one_of, whole
from plpython.values import (
    CALL,
    EXP,
    TOUCH,
    _search,
    column_count,
    fit_exactly,
    need,
    numbers_of,
    rule,
    tensor,
)

MOST_CLASSES = 2048


@rule("interpolate", points=tensor(1), values=tensor(1),
      outside=one_of("clip", "nan", "error"))  # fmt: skip
def _of_interpolate(x, points, values, outside):
    need(points.size > 0, "it has no points")
    fit_exactly(x, points.shape, values)
    work = (_search(points.size) + EXP) * x.size
    return x.like(kind=numbers_of(x), work=work, scratch=24 * x.size)


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
