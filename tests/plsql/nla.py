"""Stand-ins for UTL_NLA: BLAS on arrays, with every rule of the manual checked.

Source: PL/SQL Packages and Types Reference 19c, UTL_NLA, and Oracle's own declaration of the
package, utlnla.sql of 11.2. What the manual leaves open (a NULL scalar, another pack than 'C', an
operation letter outside N, T, C), and what the two declare differently, raises Refused.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from plsql.types import ARRAY_DBL, ARRAY_FLT, DOUBLE, FLOAT, POSITIVEN, VARCHAR, Param, Sub
from plsql.values import Collection, Refused, error

_DTYPES = {"f": np.float32, "d": np.float64}


def _vector(array: Any, count: int, inc: int, what: str) -> Any:
    """A view on count elements of array, inc apart."""
    numbers = _numbers(array, 1 + (count - 1) * inc, what)
    return numbers[: 1 + (count - 1) * inc : inc]


def _matrix(array: Any, rows: int, columns: int, lda: int, what: str) -> Any:
    """A view on a column-major matrix: element (i, j) at i + (j - 1) * lda."""
    if lda < rows:
        raise Refused(f"UTL_NLA: leading dimension {lda} of {what} is less than its {rows} rows")
    numbers = _numbers(array, lda * columns, what)
    return numbers[: lda * columns].reshape(columns, lda).T[:rows]


def _numbers(array: Any, needed: int, what: str) -> Any:
    if not isinstance(array, Collection):
        raise Refused(f"UTL_NLA: array {what} is atomically NULL")
    if needed > 1_000_000:
        raise Refused(f"UTL_NLA: {what} needs {needed} elements, more than a VARRAY holds")
    if len(array) < needed:
        raise Refused(f"UTL_NLA: array {what} has {len(array)} elements, the call needs {needed}")
    if isinstance(array.a, list) and None in array.a:
        raise Refused(f"UTL_NLA: array {what} has a NULL element")
    return np.frombuffer(array.numbers(what), dtype=_DTYPES[array.type.element.code])


def _dimension(value: int | None, what: str) -> int:
    if value is None or value < 1:
        raise error(-6502, f"{what} is POSITIVEN and was given {value}")
    return value


def _scalar(value: float | None, what: str) -> float:
    if value is None:
        raise Refused(f"UTL_NLA: scalar {what} is NULL, which the manual leaves open")
    return value


def _operation(letter: str | None, what: str) -> bool:
    """Whether the matrix is transposed."""
    if letter is None or letter.upper() not in ("N", "T", "C"):
        raise Refused(f"UTL_NLA: {what} is {letter!r}, not N, T or C")
    return letter.upper() != "N"


def _pack(letter: str | None) -> None:
    if letter is None or letter.upper() != "C":
        raise Refused(f"UTL_NLA: pack is {letter!r}; only 'C' has a documented leading dimension")


def gemv(session: Any, trans: Any, m: Any, n: Any, alpha: Any, a: Any, lda: Any, x: Any, incx: Any,
         beta: Any, y: Any, incy: Any, pack: Any = "C") -> Any:  # fmt: skip
    """y := alpha * op(A) * x + beta * y."""
    session.count_nla("BLAS_GEMV", a, x, y)
    transposed = _operation(trans, "trans")
    m, n, lda = _dimension(m, "m"), _dimension(n, "n"), _dimension(lda, "lda")
    incx, incy = _dimension(incx, "incx"), _dimension(incy, "incy")
    _pack(pack)
    matrix = _matrix(a, m, n, lda, "a")
    matrix = matrix.T if transposed else matrix
    _distinct(y, a, x)
    given = _vector(x, matrix.shape[1], incx, "x")
    result = _vector(y, matrix.shape[0], incy, "y")
    _update(result, matrix @ given, _scalar(alpha, "alpha"), _scalar(beta, "beta"))
    return y


def gemm(
    session: Any, transa: Any, transb: Any, m: Any, n: Any, k: Any, alpha: Any, a: Any, lda: Any,
    b: Any, ldb: Any, beta: Any, c: Any, ldc: Any, pack: Any = "C",
) -> Any:  # fmt: skip
    """C := alpha * op(A) * op(B) + beta * C, op(A) m x k, op(B) k x n."""
    session.count_nla("BLAS_GEMM", a, b, c)
    left_t, right_t = _operation(transa, "transa"), _operation(transb, "transb")
    m, n, k = _dimension(m, "m"), _dimension(n, "n"), _dimension(k, "k")
    lda, ldb, ldc = _dimension(lda, "lda"), _dimension(ldb, "ldb"), _dimension(ldc, "ldc")
    _pack(pack)
    _distinct(c, a, b)
    left = _matrix(a, k, m, lda, "a").T if left_t else _matrix(a, m, k, lda, "a")
    right = _matrix(b, n, k, ldb, "b").T if right_t else _matrix(b, k, n, ldb, "b")
    result = _matrix(c, m, n, ldc, "c")
    # Transposed as numpy's row-major product, which is the same sum without copies.
    product = (right.T @ left.T).T
    _update(result, product, _scalar(alpha, "alpha"), _scalar(beta, "beta"))
    return c


def _distinct(result: Any, *inputs: Any) -> None:
    if any(result is item for item in inputs):
        raise Refused("UTL_NLA: the array that is changed is an input of the same call as well")


def _update(result: Any, product: Any, alpha: float, beta: float) -> None:
    scaled = product if alpha == 1 else product * result.dtype.type(alpha)
    if beta == 0:
        result[...] = scaled
    elif beta == 1:
        result += scaled
    else:
        result *= result.dtype.type(beta)
        result += scaled


def axpy(session: Any, n: Any, alpha: Any, x: Any, incx: Any, y: Any, incy: Any) -> Any:
    """y := alpha * x + y."""
    session.count_nla("BLAS_AXPY", x, y)
    n = _dimension(n, "n")
    given = _vector(x, n, _dimension(incx, "incx"), "x")
    _distinct(y, x)
    result = _vector(y, n, _dimension(incy, "incy"), "y")
    result += given * result.dtype.type(_scalar(alpha, "alpha"))
    return y


def copy(session: Any, n: Any, x: Any, incx: Any, y: Any, incy: Any) -> Any:
    """y := x."""
    session.count_nla("BLAS_COPY", x, y)
    n = _dimension(n, "n")
    given = _vector(x, n, _dimension(incx, "incx"), "x")
    _vector(y, n, _dimension(incy, "incy"), "y")[...] = given
    return y


def scal(session: Any, n: Any, alpha: Any, x: Any, incx: Any) -> Any:
    """x := alpha * x."""
    session.count_nla("BLAS_SCAL", x)
    result = _vector(x, _dimension(n, "n"), _dimension(incx, "incx"), "x")
    result *= result.dtype.type(_scalar(alpha, "alpha"))
    return x


def dot(session: Any, n: Any, x: Any, incx: Any, y: Any, incy: Any) -> float:
    """The sum of x(i) * y(i)."""
    session.count_nla("BLAS_DOT", x, y)
    n = _dimension(n, "n")
    left = _vector(x, n, _dimension(incx, "incx"), "x")
    return float(left @ _vector(y, n, _dimension(incy, "incy"), "y"))


def asum(session: Any, n: Any, x: Any, incx: Any) -> float:
    """The sum of |x(i)|."""
    session.count_nla("BLAS_ASUM", x)
    values = _vector(x, _dimension(n, "n"), _dimension(incx, "incx"), "x")
    return float(np.abs(values).sum(dtype=values.dtype))


def nrm2(session: Any, n: Any, x: Any, incx: Any) -> float:
    """The Euclidean norm of x."""
    session.count_nla("BLAS_NRM2", x)
    values = _vector(x, _dimension(n, "n"), _dimension(incx, "incx"), "x")
    return float(np.sqrt((values * values).sum(dtype=values.dtype)))


# name, whether it returns a scalar, parameters: d dimension, s scalar, a array, o IN OUT array,
# t operation letter, p pack with its default.
_SIGNATURES = {
    "gemv": "trans:t m:d n:d alpha:s a:a lda:d x:a incx:d beta:s y:o incy:d pack:p",
    "gemm": "transa:t transb:t m:d n:d k:d alpha:s a:a lda:d b:a ldb:d beta:s c:o ldc:d pack:p",
    "axpy": "n:d alpha:s x:a incx:d y:o incy:d",
    "copy": "n:d x:a incx:d y:o incy:d",
    "scal": "n:d alpha:s x:o incx:d",
    "dot": "n:d x:a incx:d y:a incy:d",
    "asum": "n:d x:a incx:d",
    "nrm2": "n:d x:a incx:d",
}


def _routine(name: str, signature: str, scalar: Any, table: Any) -> Sub:
    types = {"t": VARCHAR, "p": VARCHAR, "d": POSITIVEN, "s": scalar, "a": table, "o": table}
    params = []
    for item in signature.split():
        parameter, kind = item.split(":")
        mode = "IN OUT" if kind == "o" else "IN"
        default = True if kind == "p" else None
        params.append(
            Param(parameter.upper(), mode, True, types[kind], default, parameter)
        )  # fmt: skip
    returns = None if ":o" in signature else scalar
    return Sub(f"BLAS_{name.upper()}", tuple(params), returns, (), f"_nla.{name}",
               native=True, public=True, defined=True)  # fmt: skip


# What the manual and utlnla.sql declare differently: a call that one of them takes does not compile
# with the other, so there is none.
CONTRADICTED: dict[str, str] = {
    "BLAS_GER": "the manual declares (m, n, alpha, x IN OUT, incx, y, incy, a, lda, pack),"
    " utlnla.sql (m, n, alpha, x IN, incx, y, a, lda, pack)",
}
ROUTINES: dict[str, list[Sub]] = {
    f"BLAS_{name.upper()}": [
        _routine(name, signature, FLOAT, ARRAY_FLT),
        _routine(name, signature, DOUBLE, ARRAY_DBL),
    ]
    for name, signature in _SIGNATURES.items()
}
