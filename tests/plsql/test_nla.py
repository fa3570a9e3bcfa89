"""The stand-ins for UTL_NLA against numpy, and every way to call them wrongly.

Source: PL/SQL Packages and Types Reference 19c, UTL_NLA.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import pytest

from plsql.machine import Database, Session
from plsql.nla import CONTRADICTED, ROUTINES
from plsql.values import PlsqlError, Refused

GEMM = (
    "begin utl_nla.blas_gemm(transa => {transa}, transb => {transb}, m => {m}, n => {n}, k => {k},"
    " alpha => {alpha}, a => :a, lda => {lda}, b => :b, ldb => {ldb}, beta => {beta}, c => :c,"
    " ldc => {ldc}, pack => {pack}); end;"
)
GOOD: Mapping[str, object] = MappingProxyType(
    {"transa": "'N'", "transb": "'N'", "m": 2, "n": 3, "k": 4, "alpha": "1f", "lda": 2, "ldb": 4,
     "beta": "1f", "ldc": 2, "pack": "'C'"}
)  # fmt: skip


def bound(session: Session, values: object, kind: str = "flt") -> object:
    given = None if values is None else [None if v is None else float(v) for v in values]  # type: ignore[attr-defined]
    return session.variable(f"utl_nla_array_{kind}", given)


def gemm(a: object, b: object, c: object, **changes: object) -> np.ndarray:
    """What c holds after a call that differs from a good one as told."""
    session = Database().session()
    binds = {"a": bound(session, a), "b": bound(session, b), "c": bound(session, c)}
    session.execute(GEMM.format(**{**GOOD, **changes}), binds)
    assert session.nla_calls == {"BLAS_GEMM": 1}
    assert session.nla_elements == len(a) + len(b) + len(c)  # type: ignore[arg-type]
    return np.array(binds["c"].value.a)  # type: ignore[attr-defined]


A = np.arange(8, dtype=np.float32).reshape(2, 4) / 3
B = np.arange(12, dtype=np.float32).reshape(4, 3) / 5 - 1
C = np.arange(6, dtype=np.float32).reshape(2, 3)


def columns(matrix: np.ndarray) -> np.ndarray:
    return matrix.ravel(order="F")


@pytest.mark.parametrize("transa", ["N", "T", "c"])
@pytest.mark.parametrize("transb", ["n", "T"])
def test_gemm(transa: str, transb: str) -> None:
    left = columns(A if transa == "N" else A.T)
    right = columns(B if transb == "n" else B.T)
    got = gemm(left, right, columns(C), transa=f"'{transa}'", transb=f"'{transb}'",
               lda=2 if transa == "N" else 4, ldb=4 if transb == "n" else 3, alpha="2f",
               beta="0.5f")  # fmt: skip
    np.testing.assert_allclose(got, columns(2 * A @ B + 0.5 * C), rtol=1e-6)


def test_leading_dimensions_may_leave_rows_out() -> None:
    wide = np.vstack([A, np.full((1, 4), 99, np.float32)])
    got = gemm(columns(wide), columns(B), columns(C), lda=3)
    np.testing.assert_allclose(got, columns(A @ B + C), rtol=1e-6)


def test_a_keras_kernel_needs_no_transpose() -> None:
    x, kernel, bias = B.T.copy(), np.ones((4, 2), np.float32), np.array([1, 2], np.float32)
    got = gemm(kernel.ravel(), x.ravel(), np.tile(bias, 3))
    np.testing.assert_allclose(got.reshape(3, 2), x @ kernel + bias, rtol=1e-6)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"m": 0}, PlsqlError),
        ({"n": 0}, PlsqlError),
        ({"k": "null"}, (PlsqlError, Refused)),
        ({"lda": -1}, PlsqlError),
        ({"transa": "'X'"}, Refused),
        ({"transb": "null"}, Refused),
        ({"pack": "'R'"}, Refused),
        ({"pack": "null"}, Refused),
        ({"alpha": "null"}, Refused),
        ({"beta": "null"}, Refused),
        ({"lda": 1}, Refused),
        ({"ldb": 3}, Refused),
        ({"ldc": 1}, Refused),
        ({"m": 3, "lda": 3, "ldc": 3}, Refused),
        ({"n": 4}, Refused),
        ({"k": 5, "ldb": 5}, Refused),
        ({"transa": "'T'"}, Refused),
        ({"lda": 1000000}, Refused),
    ],
)
def test_a_wrong_call_raises(changes: dict[str, object], error: type[Exception]) -> None:
    with pytest.raises(error) as caught:
        gemm(columns(A), columns(B), columns(C), **changes)
    if isinstance(caught.value, PlsqlError):
        assert caught.value.code in (-6502, -6550)


@pytest.mark.parametrize("which", ["a", "b", "c"])
@pytest.mark.parametrize("fault", ["atomically NULL", "NULL element", "elements, the call needs"])
def test_a_bad_array_raises(which: str, fault: str) -> None:
    arrays: dict[str, object] = {"a": columns(A), "b": columns(B), "c": columns(C)}
    good = list(arrays[which])  # type: ignore[call-overload]
    arrays[which] = {"a": None, "N": [None, *good[1:]], "e": good[:-1]}[fault[0]]
    with pytest.raises(Refused, match=fault):
        gemm(**arrays)


def test_an_array_that_is_input_and_output_raises() -> None:
    session = Database().session()
    with pytest.raises(Refused, match="input of the same call"):
        session.execute(
            "declare x utl_nla_array_flt := utl_nla_array_flt(1f, 2f); begin"
            " utl_nla.blas_axpy(n => 2, alpha => 1f, x => x, incx => 1, y => x, incy => 1); end;"
        )


def block(declarations: str, call: str, result: str) -> np.ndarray:
    """What an array holds after a call."""
    session = Database().session()
    out = session.variable("utl_nla_array_flt")
    session.execute(f"declare {declarations} begin {call} :o := {result}; end;", {"o": out})
    return np.array(out.value.a)


def test_gemv_strides_and_transpose() -> None:
    arrays = (
        "a utl_nla_array_flt := utl_nla_array_flt(1f, 2f, 3f, 4f, 5f, 6f);"
        " x utl_nla_array_flt := utl_nla_array_flt(1f, 99f, 2f, 99f, 3f);"
        " y utl_nla_array_flt := utl_nla_array_flt(10f, 20f, 30f);"
    )
    got = block(
        arrays,
        "utl_nla.blas_gemv('N', 2, 3, 1f, a, 2, x, 2, 1f, y, 2);",
        "y",
    )
    np.testing.assert_array_equal(got, [10 + 1 + 6 + 15, 20, 30 + 2 + 8 + 18])
    got = block(arrays, "utl_nla.blas_gemv('T', 2, 3, 1f, a, 2, x, 2, 0f, y, 1);", "y")
    np.testing.assert_array_equal(got, [1 + 4, 3 + 8, 5 + 12])


def test_axpy_scal_copy_and_functions() -> None:
    arrays = (
        "x utl_nla_array_flt := utl_nla_array_flt(1f, -2f);"
        " y utl_nla_array_flt := utl_nla_array_flt(10f, 20f);"
    )
    expected = {
        "utl_nla.blas_axpy(2, 3f, x, 1, y, 1);": [13, 14],
        "utl_nla.blas_copy(2, x, 1, y, 1);": [1, -2],
        "utl_nla.blas_scal(2, 0.5f, y, 1);": [5, 10],
        "y(1) := utl_nla.blas_dot(2, x, 1, y, 1); y(2) := utl_nla.blas_asum(2, x, 1);": [-30, 3],
    }
    for call, values in expected.items():
        np.testing.assert_array_equal(block(arrays, call, "y"), values)
    got = block(arrays, "y(1) := utl_nla.blas_nrm2(2, x, 1);", "y")
    assert got[0] == np.float32(5**0.5)


CALLS: Mapping[str, str] = MappingProxyType(
    {  # arrays of a call by position: {0} is the one that is changed, IN OUT
        "gemm": "'N', 'N', 1, 1, 1, 1f, {1}, 1, {1}, 1, 0f, {0}, 1",
        "gemv": "'N', 1, 1, 1f, {1}, 1, {1}, 1, 0f, {0}, 1",
        "axpy": "1, 1f, {1}, 1, {0}, 1",
        "copy": "1, {1}, 1, {0}, 1",
        "scal": "1, 1f, {0}, 1",
    }
)
NOT_VARIABLES: Mapping[str, str] = MappingProxyType(
    {
        "an IN parameter": "p",
        "a constant": "c",
        "a constructor": "utl_nla_array_flt(1f)",
        "a function": "f",
    }
)


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("what", NOT_VARIABLES)
def test_what_is_changed_must_be_a_variable(name: str, what: str) -> None:
    """PLS-00363 from Oracle; what is only read may be any expression."""

    def block(changed: str, read: str) -> str:
        call = f"utl_nla.blas_{name}({CALLS[name].format(changed, read)});"
        return (
            "declare c constant utl_nla_array_flt := utl_nla_array_flt(1f);"
            " v utl_nla_array_flt := utl_nla_array_flt(1f);"
            " w utl_nla_array_flt := utl_nla_array_flt(1f);"
            " function f return utl_nla_array_flt is begin return c; end f;"
            f" procedure q(p in utl_nla_array_flt) is begin {call} end q; begin q(w); end;"
        )

    session = Database().session()
    session.execute(block("v", NOT_VARIABLES[what]))
    with pytest.raises(PlsqlError, match="PLS-00363"):
        session.execute(block(NOT_VARIABLES[what], "c"))


def test_every_routine_declares_modes_as_oracle_does() -> None:
    changed = {
        name: [param.name for param in subs[0].params if param.is_out]
        for name, subs in ROUTINES.items()
    }
    assert changed == {
        "BLAS_GEMV": ["Y"], "BLAS_GEMM": ["C"], "BLAS_AXPY": ["Y"], "BLAS_COPY": ["Y"],
        "BLAS_SCAL": ["X"], "BLAS_DOT": [], "BLAS_ASUM": [], "BLAS_NRM2": [],
    }  # fmt: skip
    assert not set(CONTRADICTED) & set(ROUTINES)


def test_beta_zero_ignores_what_c_held() -> None:
    held = np.full(6, np.nan, np.float32)
    got = gemm(columns(A), columns(B), held, beta="0f")
    np.testing.assert_allclose(got, columns(A @ B), rtol=1e-6)


def test_double_precision_is_kept() -> None:
    session = Database().session()
    arrays = {name: session.variable("utl_nla_array_dbl", [0.1, 0.2]) for name in "xy"}
    session.execute("begin utl_nla.blas_axpy(2, 1d, :x, 1, :y, 1); end;", arrays)
    assert list(arrays["y"].value.a) == [0.2, 0.4]
