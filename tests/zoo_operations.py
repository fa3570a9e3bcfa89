"""Models with operations among the layers, as keras.ops records them, and Dot."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from zoo_forms import Case, merge, without_h5

GRID = np.linspace(-1.5, 2.0, 12).reshape(4, 3).astype("float32")

COMPARISONS = ("equal", "not_equal", "less", "less_equal", "greater", "greater_equal")


def on(shape: tuple[int, ...], *functions: Callable[[Any, Any], Any]) -> Case:
    """A model with an output for each function(keras, x) of one input."""

    def build(keras: Any) -> Any:
        x = keras.Input(shape)
        return keras.Model(x, [function(keras, x) for function in functions])

    return Case(build, ())


def positive(keras: Any, x: Any) -> Any:
    """x as numbers above 0.5."""
    return keras.ops.abs(x) + 0.5


def two_tensors(keras: Any) -> Any:
    """Arithmetic of two inputs, one of them broadcast."""
    ops = keras.ops
    a, b = keras.Input((4, 3), name="a"), keras.Input((1, 3), name="b")
    outputs = [a + b, a - b, b * a, a / positive(keras, b), ops.maximum(a, b), ops.minimum(b, a),
               positive(keras, a) ** b, ops.matmul(a, ops.transpose(b, (0, 2, 1)))]  # fmt: skip
    return keras.Model([a, b], outputs)


def residual_normalization(keras: Any) -> Any:
    """A block written with operators and statistics along an axis, layers around it."""
    layers, ops = keras.layers, keras.ops
    x = keras.Input((5, 4))
    h = layers.Dense(4)(x)
    centered = h - ops.mean(h, axis=-1, keepdims=True)
    h = centered / ops.sqrt(ops.var(h, axis=-1, keepdims=True) + 1e-3)
    h = layers.Dense(4)(h) + x
    h = ops.concatenate([h[:, -1, :], ops.max(h, axis=1)], axis=-1)
    return keras.Model(x, layers.Dense(2)(h))


OPERATIONS: dict[str, Case] = {
    "ops_constants": on(
        (4, 3),
        lambda k, x: x + 1.0, lambda k, x: 1.0 - x, lambda k, x: 2.0 * x, lambda k, x: x / 3.0,
        lambda k, x: 1.0 / positive(k, x), lambda k, x: x**2, lambda k, x: -x,
        lambda k, x: k.ops.add(x, GRID), lambda k, x: k.ops.multiply(GRID[0], x),
        lambda k, x: k.ops.maximum(x, 0.1), lambda k, x: k.ops.subtract(x, GRID[None]),
        lambda k, x: k.ops.matmul(x, GRID.T),
    ),
    "ops_unary": on(
        (4, 3),
        lambda k, x: abs(x), lambda k, x: k.ops.exp(x), lambda k, x: k.ops.expm1(x),
        lambda k, x: k.ops.log(positive(k, x)), lambda k, x: k.ops.log1p(positive(k, x)),
        lambda k, x: k.ops.sqrt(positive(k, x)), lambda k, x: k.ops.rsqrt(positive(k, x)),
        lambda k, x: k.ops.square(x), lambda k, x: k.ops.sign(x), lambda k, x: k.ops.floor(x),
        lambda k, x: k.ops.ceil(x), lambda k, x: k.ops.round(x), lambda k, x: k.ops.sin(x),
        lambda k, x: k.ops.cos(x), lambda k, x: k.ops.tan(x), lambda k, x: k.ops.arctan(x),
        lambda k, x: k.ops.sinh(x), lambda k, x: k.ops.cosh(x),
        lambda k, x: k.ops.reciprocal(positive(k, x)), lambda k, x: k.ops.clip(x, -0.5, 1.0),
        lambda k, x: k.ops.cast(x, "int32"), lambda k, x: k.ops.cast(x, "float32") + x,
    ),
    "ops_activations": on(
        (4, 3),
        *(lambda k, x, name=name: getattr(k.ops, name)(x) for name in (
            "relu", "relu6", "sigmoid", "tanh", "softplus", "softsign", "selu", "silu",
            "log_sigmoid", "hard_sigmoid", "hard_silu", "elu", "leaky_relu", "gelu", "softmax",
            "celu", "hard_tanh", "log_softmax", "sparsemax", "squareplus", "tanh_shrink",
            "sparse_plus", "sparse_sigmoid",
        )),
        lambda k, x: k.ops.leaky_relu(x, 0.05), lambda k, x: k.ops.gelu(x, approximate=False),
        lambda k, x: k.ops.glu(k.ops.concatenate([x, x + 1.0], axis=-1)),
        lambda k, x: k.ops.elu(x, 0.5), lambda k, x: k.ops.softmax(x, axis=1),
        lambda k, x: k.activations.relu(x), lambda k, x: k.ops.normalize(x, axis=1),
    ),
    "ops_reductions": on(
        (4, 3),
        *(lambda k, x, name=name: getattr(k.ops, name)(x, axis=1)
          for name in ("mean", "sum", "max", "min", "prod", "var", "std")),
        lambda k, x: k.ops.mean(x, axis=-1, keepdims=True), lambda k, x: k.ops.sum(x, axis=(1, 2)),
        lambda k, x: k.ops.max(x, axis=(-1, 1), keepdims=True),
    ),
    "ops_shapes": on(
        (4, 3),
        lambda k, x: k.ops.reshape(x, (-1, 12)), lambda k, x: k.ops.reshape(x, (-1, 3, 2, 2)),
        lambda k, x: k.ops.expand_dims(x, -1), lambda k, x: k.ops.expand_dims(x, 1),
        lambda k, x: k.ops.squeeze(k.ops.expand_dims(x, 2), 2),
        lambda k, x: k.ops.transpose(x, (0, 2, 1)), lambda k, x: k.ops.swapaxes(x, 1, -1),
        lambda k, x: k.ops.moveaxis(k.ops.expand_dims(x, 3), 1, 3),
        lambda k, x: k.ops.concatenate([x, x + 1.0], axis=1),
        lambda k, x: k.ops.stack([x, x + 1.0], axis=1), lambda k, x: k.ops.stack([x, x], axis=-1),
        lambda k, x: k.ops.tile(x, (1, 2, 3)), lambda k, x: k.ops.repeat(x, 2, axis=1),
        lambda k, x: k.ops.pad(x, ((0, 0), (1, 2), (0, 1))),
        lambda k, x: k.ops.split(x, 2, axis=1)[1], lambda k, x: k.ops.split(x, [1, 3], axis=1)[1],
        lambda k, x: k.ops.unstack(x, axis=1)[2],
    ),
    "ops_slices": on(
        (4, 3),
        lambda k, x: x[:, 0], lambda k, x: x[:, -1], lambda k, x: x[:, 1:3], lambda k, x: x[..., 0],
        lambda k, x: x[:, :, ::2], lambda k, x: x[:, ::2, 1], lambda k, x: x[:, None],
        lambda k, x: x[:, :, None, 1:], lambda k, x: x[:, -2:], lambda k, x: x[:, 1, 2][:, None],
        lambda k, x: x[..., 1:, 0],
    ),
    "ops_free_length": without_h5(Case(
        lambda k: (lambda x: k.Model(x, [x[:, -1], k.ops.mean(x, axis=1), x * 2.0 + 1.0]))(
            k.Input((None, 3))
        ), (),
    )),
    "ops_comparisons": on(
        (4, 3),
        *(lambda k, x, name=name: getattr(k.ops, name)(x, x[:, :, ::-1])
          for name in COMPARISONS),
        *(lambda k, x, name=name: getattr(k.ops, name)(k.ops.round(x), 1.0)
          for name in COMPARISONS),
        lambda k, x: k.ops.less(GRID, x), lambda k, x: k.ops.equal(k.ops.round(x), np.round(GRID)),
        lambda k, x: k.ops.logical_and(x > 0, x < 1), lambda k, x: k.ops.logical_or(x < 0, x > 1),
        lambda k, x: k.ops.logical_xor(x < 0, x[:, ::-1] < 0),
        lambda k, x: k.ops.logical_not(x > 0),
        lambda k, x: k.ops.sum(x > 0, axis=-1), lambda k, x: (x > 0) * x,
        lambda k, x: k.ops.where(x > x[:, ::-1], x, 0.0),
    ),
    "ops_not_numbers": on(
        (4, 3),
        *(lambda k, x, name=name: getattr(k.ops, name)(k.ops.log(x) / k.ops.floor(x))
          for name in ("isnan", "isinf", "isfinite")),
        lambda k, x: k.ops.where(k.ops.isnan(k.ops.log(x)), 0.0, k.ops.log(x)),
    ),
    "ops_remainders": on(
        (4, 3),
        lambda k, x: x // 0.3, lambda k, x: x // -0.3, lambda k, x: x % 0.3, lambda k, x: x % -0.3,
        lambda k, x: k.ops.mod(GRID, x), lambda k, x: k.ops.floor_divide(GRID, x),
        lambda k, x: k.ops.mod(k.ops.round(x * 1e3), 7.0), lambda k, x: k.ops.mod(x, 1e6),
        lambda k, x: k.ops.erf(x * 2.0),
    ),
    "ops_positions": on(
        (4, 3),
        lambda k, x: k.ops.argmax(x, axis=1), lambda k, x: k.ops.argmin(x, axis=-1),
        lambda k, x: k.ops.argmax(x, axis=2, keepdims=True),
        lambda k, x: k.ops.argmax(-abs(x), axis=1),
        lambda k, x: k.ops.one_hot(k.ops.argmax(x, axis=1), 4),
        lambda k, x: k.ops.one_hot(k.ops.cast(x * 2.0, "int32"), 3, axis=1),
        lambda k, x: k.ops.cumsum(x, axis=1), lambda k, x: k.ops.cumprod(x, axis=-1),
    ),
    "ops_norms": on(
        (4, 3),
        *(lambda k, x, order=order: k.ops.norm(x, ord=order, axis=1)
          for order in (None, 0, 1, 2, 3, -1.5)),
        lambda k, x: k.ops.norm(x, axis=-1, keepdims=True), lambda k, x: k.ops.norm(x, axis=(1, 2)),
        lambda k, x: k.ops.norm(x, ord="fro", axis=(1, 2), keepdims=True),
    ),
    "ops_norms_infinite": on(
        (4, 3),
        *(lambda k, x, order=order: k.ops.norm(x, ord=order, axis=1)
          for order in (np.inf, -np.inf)),
    ),
    "ops_einsum": on(
        (4, 3),
        *(lambda k, x, equation=equation: k.ops.einsum(equation, x, x)
          for equation in ("bij,bkj->bik", "bij,bij->bi", "bij,bkl->blijk")),
        *(lambda k, x, equation=equation: k.ops.einsum(equation, x, GRID)
          for equation in ("bij,kj->bki", "bij,ij->bji", "...j,kj->...k", "bij,kl->bk")),
        lambda k, x: k.ops.einsum("bij->bji", x), lambda k, x: k.ops.einsum("bij->bj", x),
        lambda k, x: k.ops.einsum("kj,bij->bik", GRID, x),
        lambda k, x: k.ops.einsum("bij,bik,ij->bk", x, x, GRID),
    ),
    "ops_einsum_free": without_h5(Case(
        lambda k: (lambda x: k.Model(x, [
            k.ops.einsum("btj,bsj->bts", x, x), k.ops.einsum("btj,kj->btk", x, GRID),
            k.ops.cumsum(x, axis=1), k.ops.argmax(x, axis=1),
        ]))(k.Input((None, 3))), (),
    )),
    "ops_two_tensors": Case(two_tensors, ()),
    "ops_residual": Case(residual_normalization, ("Dense",)),
    "dot": merge("Dot", (4,), (4,), axes=1),
    "dot_normalize": merge("Dot", (4,), (4,), axes=-1, normalize=True),
    "dot_matrices": merge("Dot", (5, 4), (3, 4), axes=2),
    "dot_axes": merge("Dot", (4, 5), (6, 4), axes=(1, 2), normalize=True),
    "dot_vector": merge("Dot", (5, 4), (4,), axes=(2, 1)),
    "dot_vector_first": merge("Dot", (4,), (5, 4), axes=(1, 2)),
    "dot_rank3": merge("Dot", (2, 5, 4), (4, 3), axes=(3, 1)),
    "dot_free": merge("Dot", (None, 4), (None, 4), axes=2),
}  # fmt: skip
