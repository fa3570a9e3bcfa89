"""Shape rules of the ops, one line a case; a rule and its kernel must agree."""

from __future__ import annotations

import numpy as np
import pytest

from exporter.engines.plpython.runtime import runtime
from exporter.errors import ShapeError
from exporter.ir import ops
from exporter.ir.ops import Op, Shape, as_tensor, broadcast_shapes


def tensor(*shape: int) -> ops.Tensor:
    """Ones of a shape."""
    return as_tensor(np.ones(shape))


FITS: tuple[tuple[Op, tuple[Shape, ...], Shape], ...] = (
    (ops.Dense(tensor(3, 2), tensor(2)), ((3,),), (2,)),
    (ops.Dense(tensor(3, 2)), ((None, 5, 3),), (None, 5, 2)),
    (ops.Activation("relu"), ((None, 3),), (None, 3)),
    (ops.Activation("relu"), ((),), ()),
    (ops.Softmax(1), ((4, 3),), (4, 3)),
    (ops.LogSoftmax(0), ((4, None),), (4, None)),
    (ops.Sparsemax(0), ((4,),), (4,)),
    (ops.Glu(1), ((4, 6),), (4, 3)),
    (ops.Glu(0), ((None, 6),), (None, 6)),
    (ops.Affine(tensor(1, 3), tensor(4, 1)), ((4, 3),), (4, 3)),
    (ops.Affine(tensor(1), tensor(1)), ((4, 3),), (4, 3)),
    (ops.Affine(tensor(1, 3), tensor(1, 3)), ((None, 3),), (None, 3)),
    (ops.Standardize(tensor(3), tensor(3)), ((3,),), (3,)),
    (ops.Prelu(tensor(1, 3)), ((None, 3),), (None, 3)),
    (ops.Concatenate(0), ((2,), (3,), (4,)), (9,)),
    (ops.Concatenate(1), ((None, 2), (None, 3)), (None, 5)),
    (ops.Concatenate(0), ((None, 2), (3, 2)), (None, 2)),
    (ops.Add(), ((3,), (3,), (3,)), (3,)),
    (ops.Add(), ((3, 1), (1, 4)), (3, 4)),
    (ops.Multiply(), ((None, 4), (1, 4)), (None, 4)),
    (ops.Multiply(), ((None, 4), (7, 4)), (7, 4)),
    (ops.Subtract(), ((3,), (3,)), (3,)),
    (ops.Average(), ((3,), (1,)), (3,)),
    (ops.Maximum(), ((), ()), ()),
    (ops.Minimum(), ((3,), (3,)), (3,)),
    (ops.Reshape((2, 3)), ((6,),), (2, 3)),
    (ops.Reshape((2, -1)), ((6,),), (2, 3)),
    (ops.Reshape((-1,)), ((2, 3),), (6,)),
    (ops.Reshape((-1, 3)), ((None, 6),), (None, 3)),
    (ops.Reshape(()), ((1,),), ()),
    (ops.Reshape((1,)), ((),), (1,)),
    (ops.Transpose((2, 0, 1)), ((2, 3, 4),), (4, 2, 3)),
    (ops.Transpose(()), ((),), ()),
)

MISFITS: tuple[tuple[Op, tuple[Shape, ...]], ...] = (
    (ops.Dense(tensor(3, 2)), ((4,),)),
    (ops.Dense(tensor(3, 2)), ((None,),)),
    (ops.Dense(tensor(3, 2)), ((),)),
    (ops.Softmax(1), ((4,),)),
    (ops.Softmax(-1), ((4,),)),
    (ops.Glu(0), ((5,),)),
    (ops.Glu(2), ((4, 4),)),
    (ops.Affine(tensor(3), tensor(3)), ((1,),)),
    (ops.Affine(tensor(3), tensor(3)), ((4,),)),
    (ops.Affine(tensor(2, 3), tensor(3)), ((3,),)),
    (ops.Affine(tensor(3), tensor(3)), ((None,),)),
    (ops.Standardize(tensor(3), tensor(3)), ((4,),)),
    (ops.Prelu(tensor(3)), ((4,),)),
    (ops.Concatenate(0), ((2,), (3, 1))),
    (ops.Concatenate(1), ((2, 3), (4, 3))),
    (ops.Concatenate(1), ((2,), (2,))),
    (ops.Add(), ((3,),)),
    (ops.Add(), ((3,), (4,))),
    (ops.Add(), ((3, 4), (4,))),
    (ops.Subtract(), ((3,), (3,), (3,))),
    (ops.Subtract(), ((3,), (4,))),
    (ops.Reshape((4,)), ((6,),)),
    (ops.Reshape((4, -1)), ((6,),)),
    (ops.Reshape((-1, -1)), ((6,),)),
    (ops.Reshape((-2, 3)), ((6,),)),
    (ops.Reshape((0, -1)), ((6,),)),
    (ops.Transpose((0,)), ((2, 3),)),
    (ops.Transpose((0, 0)), ((2, 3),)),
    (ops.Transpose((1, 2)), ((2, 3),)),
)


@pytest.mark.parametrize(("op", "shapes", "expected"), FITS)
def test_output_shape(op: Op, shapes: tuple[Shape, ...], expected: Shape) -> None:
    assert op.output_shape(*shapes) == expected


@pytest.mark.parametrize(("op", "shapes", "expected"), FITS)
def test_kernel_gives_that_shape(op: Op, shapes: tuple[Shape, ...], expected: Shape) -> None:
    """Free lengths taken as 7, which fits nothing by chance."""
    kernel = runtime().KERNELS[op.kernel_name](**op.parameters(), **op.tensors())
    free = 6 if isinstance(op, ops.Glu) and shapes[0][op.axis] is None else 7
    inputs = [np.ones([2, *(free if n is None else n for n in s)], np.float32) for s in shapes]
    result = kernel(*inputs)
    assert result.shape[0] == 2
    assert len(result.shape) == len(expected) + 1
    assert all(n in (None, m) for n, m in zip(expected, result.shape[1:], strict=True))
    assert result.dtype == np.float32


@pytest.mark.parametrize(("op", "shapes"), MISFITS)
def test_shapes_that_do_not_fit(op: Op, shapes: tuple[Shape, ...]) -> None:
    with pytest.raises(ShapeError):
        op.output_shape(*shapes)


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ((), (), ()),
        ((), (3,), (3,)),
        ((1,), (None,), (None,)),
        ((None,), (None,), (None,)),
        ((5,), (None,), (5,)),
        ((2, 1, 4), (3, 1), (2, 3, 4)),
    ],
)
def test_broadcast(a: Shape, b: Shape, expected: Shape) -> None:
    assert broadcast_shapes(a, b) == expected
    assert broadcast_shapes(b, a) == expected


def test_parameters_count_axes_with_the_batch() -> None:
    assert ops.Softmax(1).parameters() == {"axis": 2}
    assert ops.Transpose((1, 0)).parameters() == {"axes": [2, 1]}
    assert ops.Reshape((2, -1)).parameters() == {"shape": [2, -1]}
    assert ops.Activation("relu", (("max_value", 6.0),)).parameters() == {
        "function": "relu",
        "parameters": {"max_value": 6.0},
    }
    assert ops.Dense(tensor(3, 2)).parameters() == {}
    assert set(ops.Dense(tensor(3, 2), tensor(2)).tensors()) == {"kernel", "bias"}


def test_tensors_are_copies_that_cannot_change() -> None:
    array = np.ones((2, 3), np.float64, order="F")
    copy = as_tensor(array)
    array[:] = 5
    assert copy.dtype == np.float32
    assert copy.flags.c_contiguous
    assert (copy == 1).all()
    with pytest.raises(ValueError, match="read-only"):
        copy[0, 0] = 2
