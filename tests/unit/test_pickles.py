"""What the reader of pickles makes of values is what Python's makes of them."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.errors import ArchiveError
from exporter.formats.sklearn.pickle import read_pickle

ATOMS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(),
    st.binary(),
)
KEYS = st.one_of(st.text(), st.integers(-(2**60), 2**60), st.tuples(st.text(), st.booleans()))
VALUES = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.lists(inner),
        st.tuples(inner, inner, inner, inner),
        st.dictionaries(KEYS, inner),
        st.sets(KEYS),
        st.frozensets(KEYS),
    ),
    max_leaves=12,
)


@given(VALUES, st.integers(0, 5))
def test_values_of_every_protocol(value: Any, protocol: int) -> None:
    assert read_pickle(pickle.dumps(value, protocol)) == value


@given(st.one_of(st.binary(), st.text().map(str.encode)))
def test_strings_of_python_2_in_its_own_protocol(data: bytes) -> None:
    """Protocol 0, which Python 2 used unless told otherwise, writes a str as repr() shows it."""
    content = b"S" + repr(data)[1:].encode("ascii") + b"\n."
    assert pickle.loads(content, encoding="bytes") == data
    assert read_pickle(content).data() == data
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return
    assert read_pickle(content) == text


@pytest.mark.parametrize("text", [rb"'\q'", rb"'\x4'", b"'\\'", rb"'\101'", rb"'a", b"'"])
def test_an_escape_that_repr_does_not_write_is_damage(text: bytes) -> None:
    with pytest.raises(ArchiveError, match=r"damaged|without its quotes"):
        read_pickle(b"S" + text + b"\n.")
