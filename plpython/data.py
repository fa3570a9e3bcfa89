"""A plan is data that anybody may have written: its text as values of known types, within bounds.

What a plan may hold is said here and in the parts behind it; what is not said is refused, before
any of it is used. docs/security.md lists the bounds.
"""

import json
import math

MOST_TEXT = 2**26  # characters of a plan, or bytes of a row's texts
MOST_ITEMS, MOST_OBJECTS = 2**22, 2**18  # of a plan, where each may take 64 or 240 bytes
LONGEST_NUMBER = 40  # of a number: more take time that grows with their square
MOST_AXES = 16
MOST_NAME = 2**16  # characters of a name that only stands in messages
SHOWN = 60  # characters of a value that is not what it should be


def _unique(pairs):
    """A JSON object as a dict; a key that comes twice is an error."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key comes twice in an object")
    return found


def _whole_number(digits):
    """A whole number of JSON."""
    if len(digits) > LONGEST_NUMBER:
        raise ValueError(f"a number of {len(digits)} digits")
    return int(digits)


def _finite_number(digits):
    """A number of JSON with a point or an exponent."""
    number = float(digits) if len(digits) <= LONGEST_NUMBER else math.inf
    if math.isinf(number):
        raise ValueError(f"the number {digits[:SHOWN]}")
    return number


def _no_number(word):
    """What JSON has no word for, though Python writes it."""
    raise ValueError(f"the number {word}")


def _no_text(item):
    """A value of a row's texts that is none."""
    raise ValueError("the message holds no array of texts")


PLANS = json.JSONDecoder(
    parse_int=_whole_number,
    parse_float=_finite_number,
    parse_constant=_no_number,
    object_pairs_hook=_unique,
)
TEXTS = json.JSONDecoder(
    parse_int=_no_text, parse_float=_no_text, parse_constant=_no_text, object_pairs_hook=_no_text
)


def as_text(raw):
    """Bytes of a message as a text.

    Raises: ValueError, when they are not UTF-8.
    """
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise ValueError("the message holds a text that is not UTF-8") from error


def read_texts(raw):
    """The values of a row's texts, as JSON has them.

    Raises: ValueError, when it is no JSON of texts.
    """
    text = as_text(raw)
    try:
        items = TEXTS.decode(text)
        if "\\u" in text:  # escaped halves of a pair are no text, each by itself
            json.dumps(items, ensure_ascii=False).encode()
    except (RecursionError, ValueError) as error:
        raise ValueError("the message holds no array of texts") from error
    return items


def check_length(text):
    """Refuse a plan that is too long to be looked at, with ValueError."""
    if len(text) > MOST_TEXT:
        raise ValueError(f"the plan has {len(text):,} characters, more than {MOST_TEXT:,}")


def read_plan(text):
    """A plan's JSON as values; how large they may get is told by its text, before it is parsed.

    Raises: ValueError, when it is not a plan's JSON: of ASCII alone, as every exporter writes it.
    """
    if not text.isascii():
        raise ValueError("the plan holds other letters than those of ASCII")
    objects = text.count("{")
    if objects > MOST_OBJECTS or text.count(",") + text.count("[") + objects > MOST_ITEMS:
        raise ValueError(f"the plan holds more than {MOST_ITEMS:,} values")
    try:
        return PLANS.decode(text)
    except RecursionError as error:
        raise ValueError("the plan is nested too deeply") from error
    except ValueError as error:
        raise ValueError(f"the plan is no JSON that is taken: {error}") from error


# A type takes a value as it is, or tells what it should have been.


def whole(low, high=2**31):
    """The type of whole numbers from low to high."""

    def check(value):
        if type(value) is not int or not low <= value <= high:
            return f"a whole number from {low} to {high}"
        return None

    return check


def a_number(value):
    """The type of numbers; none that JSON may hold is too large."""
    return None if type(value) in (int, float) else "a number"


def a_flag(value):
    """The type of true and false."""
    return None if type(value) is bool else "true or false"


def a_text(value):
    """The type of texts of any length."""
    return None if type(value) is str else "a text"


def a_name(value):
    """The type of texts that stand in messages and results."""
    if type(value) is not str or len(value) > MOST_NAME:
        return f"a text of at most {MOST_NAME:,} characters"
    try:
        value.encode()
    except UnicodeEncodeError:
        return "a text, and not half of a letter"
    return None


def one_of(*words):
    """The type of a few words."""

    def check(value):
        return None if type(value) is str and value in words else f"one of {', '.join(words)}"

    return check


def optional(kind):
    """The type of what may be null."""
    return lambda value: None if value is None else kind(value)


def either(*kinds):
    """The type of what is of one of these types."""

    def check(value):
        wanted = [kind(value) for kind in kinds]
        return None if None in wanted else " or ".join(wanted)

    return check


def list_of(kind, most=MOST_AXES, least=0):
    """The type of lists of least to most items of one type."""

    def check(value):
        if type(value) is not list or not least <= len(value) <= most:
            return f"a list of {least} to {most} items"
        for item in value:
            wanted = kind(item)
            if wanted:
                return f"a list, each item {wanted}"
        return None

    return check


def texts(value):
    """The type of lists of texts; they may be millions."""
    return None if type(value) is list and set(map(type, value)) <= {str} else "a list of texts"


def tuple_of(*kinds):
    """The type of lists that have one item of each of these types."""

    def check(value):
        if type(value) is not list or len(value) != len(kinds):
            return f"a list of {len(kinds)} items"
        return next(filter(None, (kind(item) for kind, item in zip(kinds, value))), None)

    return check


def check_object(what, value, kinds, needed):
    """Refuse what is no object with these fields.

    kinds are types by field, needed the fields that must be there; what names it in messages.
    Raises: ValueError.
    """
    if type(value) is not dict:
        raise ValueError(f"{what} is no object")
    if not set(needed) <= value.keys() <= kinds.keys():
        odd = sorted((value.keys() - kinds.keys()) | (set(needed) - value.keys()))
        raise ValueError(f"{what} lacks, or may not have: {', '.join(odd)[:SHOWN]}")
    for field, item in value.items():
        wanted = kinds[field](item)
        if wanted:
            raise ValueError(f"{what}: {field} is {_show(item)}, and should be {wanted}")


def _show(value):
    """A value for a message, whatever it is and however large."""
    if type(value) in (list, dict):
        return f"a {'list' if type(value) is list else 'object'} of {len(value)}"
    return repr(value[:SHOWN] if type(value) is str else value)
