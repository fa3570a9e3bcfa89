"""Functions of one number as expressions: activations, and what numpy has besides."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from exporter.engines.pgvector.scalars import (
    MOST_EXPONENT,
    add,
    call,
    choose,
    clip,
    compare,
    constant,
    divide,
    exp,
    exp_of_negative,
    is_nan,
    largest,
    multiply,
    negate,
    subtract,
    times,
)
from exporter.sql.text import Sql

LEAST = -87.0  # exp of it is 1.6e-38: less is nothing beside 1, and no underflow

Element = Callable[..., Sql]
"""(x, parameters by name) -> the expression."""

ERF_LIMIT = 3.7439211627767994  # beyond it erf is 1 as float32
# In gelu, which TensorFlow rounds to float32, whatever it computes in.
ROOT_OF_HALF, OF_CUBE = 0.7071067690849304, 0.044714998453855515
HALF, ONE, ZERO = constant(0.5), constant(1.0), constant(0.0)
NOT_A_NUMBER = constant(float("nan"))


def sigmoid(x: Sql) -> Sql:
    """1 / (1 + exp(-x)) without exp, which raises an error where it underflows."""
    return add(HALF, multiply(HALF, call(Sql("tanh"), multiply(HALF, x))))


def logistic(negative: Sql) -> Sql:
    """1 / (1 + exp(negative)), of what is known to be no larger than exp takes."""
    return divide(ONE, add(ONE, call(Sql("exp"), negative)))


def _tanh(x: Sql) -> Sql:
    return call(Sql("tanh"), x)


def _relu(
    x: Sql, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0
) -> Sql:
    if not (negative_slope or threshold):
        return largest([x, ZERO]) if max_value is None else clip(x, 0.0, max_value)
    above = x if negative_slope else _or_zero(x)
    y = choose(compare(x, Sql("<="), constant(threshold)), ZERO, above)
    if max_value is not None:
        y = clip(y, 0.0, max_value)
    below = largest([subtract(constant(threshold), x), ZERO])
    return subtract(y, multiply(constant(negative_slope), below)) if negative_slope else y


def _leaky_relu(x: Sql, negative_slope: float = 0.2) -> Sql:
    return choose(compare(x, Sql(">="), ZERO), x, multiply(x, constant(negative_slope)))


def _softplus(x: Sql) -> Sql:
    small = exp_of_negative(negate(call(Sql("abs"), x)), LEAST)
    return add(largest([x, ZERO]), call(Sql("ln"), add(ONE, small)))


def _elu(x: Sql, alpha: float = 1.0) -> Sql:
    below = subtract(exp_of_negative(x, LEAST), ONE)
    return choose(compare(x, Sql(">"), ZERO), x, multiply(constant(alpha), below))


def _celu(x: Sql, alpha: float = 1.0) -> Sql:
    below = subtract(exp_of_negative(divide(x, constant(alpha)), LEAST), ONE)
    return choose(compare(x, Sql(">"), ZERO), x, multiply(constant(alpha), below))


def _selu(x: Sql) -> Sql:
    return multiply(constant(1.0507009873554805), _elu(x, 1.6732632423543772))


def _hard_sigmoid(x: Sql, slope: float = 1 / 6, offset: float = 0.5) -> Sql:
    return clip(add(multiply(x, constant(slope)), constant(offset)), 0.0, 1.0)


def erf(x: Sql, inside: Sql, square: Sql) -> Sql:
    """erf(x) as plpython/activations.py has it, within 3e-7: PostgreSQL has one from version 16 on.

    inside is x between the limits, square that by itself.
    """
    p = _polynomial(
        square,
        0.00022905065861350646,
        0.0034082910107109506,
        0.050955695062380861,
        0.18520832239976145,
        1.128379143519084,
    )
    q = _polynomial(
        square,
        -1.1791602954361697e-7,
        0.000023547966471313185,
        0.0010179625278914885,
        0.014070470171167667,
        0.11098505178285362,
        0.49746925110067538,
        1.0,
    )
    curve = divide(multiply(inside, p), q)
    is_inside = compare(call(Sql("abs"), x), Sql("<"), constant(ERF_LIMIT))
    return choose(is_inside, curve, choose(is_nan(x), x, call(Sql("sign"), x)))


def _polynomial(z: Sql, *coefficients: float) -> Sql:
    first, *others = coefficients
    result = constant(first)
    for coefficient in others:
        result = add(multiply(result, z), constant(coefficient))
    return result


def gelu_by_tanh(x: Sql) -> Sql:
    """The approximation of gelu."""
    cubed = multiply(multiply(x, x), multiply(x, constant(OF_CUBE)))
    inner = multiply(constant(math.sqrt(2 / math.pi)), add(x, cubed))
    return multiply(multiply(HALF, x), add(ONE, _tanh(inner)))


def _squareplus(x: Sql, b: float = 4.0) -> Sql:
    root = call(Sql("sqrt"), add(multiply(x, x), constant(b)))
    return multiply(HALF, add(x, root))


def _shrink(x: Sql, threshold: float = 0.5) -> Sql:
    is_out = compare(call(Sql("abs"), x), Sql(">"), constant(threshold))
    return choose(is_out, _or_zero(x), ZERO)


def _soft_shrink(x: Sql, threshold: float = 0.5) -> Sql:
    size = largest([subtract(call(Sql("abs"), x), constant(threshold)), ZERO])
    return choose(is_nan(x), ZERO, multiply(call(Sql("sign"), x), size))


def _or_zero(x: Sql) -> Sql:
    """0 in the place of NaN, which Keras' comparisons do not let through and SQL's do."""
    return choose(is_nan(x), ZERO, x)


def _sparse_plus(x: Sql) -> Sql:
    middle = multiply(constant(0.25), multiply(add(x, ONE), add(x, ONE)))
    inner = choose(compare(x, Sql(">="), ONE), x, middle)
    return choose(compare(x, Sql("<="), constant(-1.0)), ZERO, inner)


ACTIVATIONS: Mapping[str, Element] = {
    "linear": lambda x: x,
    "relu": _relu,
    "relu6": lambda x: clip(x, 0.0, 6.0),
    "leaky_relu": _leaky_relu,
    "threshold_relu": lambda x, theta=1.0: multiply(
        x, choose(compare(x, Sql(">"), constant(theta)), ONE, ZERO)
    ),
    "sigmoid": sigmoid,
    "tanh": _tanh,
    "hard_sigmoid": _hard_sigmoid,
    "softplus": _softplus,
    "log_sigmoid": lambda x: negate(_softplus(negate(x))),
    "softsign": lambda x: divide(x, add(ONE, call(Sql("abs"), x))),
    "exponential": lambda x: exp(x, LEAST, MOST_EXPONENT),
    "elu": _elu,
    "celu": _celu,
    "selu": _selu,
    "silu": lambda x: multiply(x, sigmoid(x)),
    "hard_silu": lambda x: multiply(x, _hard_sigmoid(x)),
    "mish": lambda x: multiply(x, _tanh(_softplus(x))),
    "squareplus": _squareplus,
    "hard_tanh": lambda x: clip(x, -1.0, 1.0),
    "hard_shrink": _shrink,
    "soft_shrink": _soft_shrink,
    "tanh_shrink": lambda x: subtract(x, _tanh(x)),
    "sparse_plus": _sparse_plus,
    "sparse_sigmoid": lambda x: clip(multiply(HALF, add(x, ONE)), 0.0, 1.0),
}
"""By the names that plpython/activations.py has."""


def _root(x: Sql) -> Sql:
    return choose(compare(x, Sql("<"), ZERO), NOT_A_NUMBER, call(Sql("sqrt"), x))


def _log(x: Sql) -> Sql:
    at_zero = choose(compare(x, Sql("="), ZERO), constant(float("-inf")), NOT_A_NUMBER)
    return choose(compare(x, Sql(">"), ZERO), call(Sql("ln"), x), at_zero)


def _floor(name: Sql) -> Element:
    return lambda x: call(name, x)


UNARY: Mapping[str, Element] = {
    "abs": lambda x: call(Sql("abs"), x),
    "negative": negate,
    "square": lambda x: times(x, x),
    "sqrt": _root,
    "log": _log,
    "exp": lambda x: exp(x, LEAST, MOST_EXPONENT),
    "sign": lambda x: choose(is_nan(x), x, call(Sql("sign"), x)),
    "floor": _floor(Sql("floor")),
    "ceil": _floor(Sql("ceil")),
    "round": _floor(Sql("round")),
    "trunc": _floor(Sql("trunc")),
    "isnan": lambda x: choose(is_nan(x), ONE, ZERO),
}
"""By the names that plpython/elementwise.py has; those that are left out raise errors in SQL where
numpy gives NaN or an infinity."""

ONCE = frozenset(
    {
        "linear", "relu", "relu6", "sigmoid", "tanh", "hard_sigmoid", "hard_tanh",
        "sparse_sigmoid", "abs", "negative", "floor", "ceil", "round", "trunc",
    }
)  # fmt: skip
"""Functions whose argument stands in them once, so that it need not be kept first."""


def takes_once(function: str, parameters: Mapping[str, Any]) -> bool:
    """Whether x stands once in the expression."""
    if function == "relu":
        return not (parameters.get("negative_slope") or parameters.get("threshold"))
    return function in ONCE
