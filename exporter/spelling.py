"""What was meant by a word that is none of those that are known."""

from __future__ import annotations

from collections.abc import Iterable


def find_nearest(word: str, known: Iterable[str]) -> list[str]:
    """Those that the fewest typing errors tell from the word, at most one in three letters; else
    those that it is the beginning of; none where it is like nothing."""
    distances = {item: count_errors(word.lower(), item.lower()) for item in known}
    least = min(distances.values(), default=0)
    if least <= max(1, len(word.strip("-")) // 3):
        return [item for item, distance in distances.items() if distance == least]
    return [item for item in distances if item.startswith(word) and len(word.strip("-")) > 1]


def count_errors(first: str, second: str) -> int:
    """How many letters were left out, added, taken for others, or exchanged with the next one.

    Source: Damerau, A technique for computer detection and correction of spelling errors (1964), in
    the form in which no pair of letters is changed twice.
    """
    rows = [list(range(len(second) + 1))]
    for i, letter in enumerate(first, 1):
        above, row = rows[-1], [i]
        for j, other in enumerate(second, 1):
            errors = [above[j] + 1, row[j - 1] + 1, above[j - 1] + (letter != other)]
            if i > 1 and j > 1 and (letter, first[i - 2]) == (second[j - 2], other):
                errors.append(rows[-2][j - 2] + 1)
            row.append(min(errors))
        rows.append(row)
    return rows[-1][-1]


def tell_nearest(word: str, known: Iterable[str]) -> str:
    """The question whether one of them was meant; empty where none is near."""
    nearest = [f'"{item}"' for item in find_nearest(word, known)]
    return f"Did you mean {' or '.join(nearest)}?" if nearest else ""
