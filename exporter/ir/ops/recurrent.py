"""Recurrent networks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from exporter.errors import ShapeError, counted
from exporter.ir.ops.base import Op
from exporter.ir.ops.shapes import Shape, count_windows, fits
from exporter.ir.ops.tensor import Tensor
from exporter.ir.ops.traits import PLAIN, Traits


@dataclass(frozen=True, eq=False)
class Recurrent(Op):
    """Base of ops that run over the steps of a sequence, keeping states of units numbers.

    A step whose mask is 0 leaves the states alone and repeats the output of the step before
    (zeros before the first), or gives zeros where zeroes_masked is set. Inputs are x, the mask
    where is_masked, the initial states where has_states (otherwise zeros). result tells what is
    wanted: the output of every step ("sequence"), that of the last ("last"), or a state after it
    ("hidden", "cell").

    Shapes: x (steps, n), mask (steps,), states (units,) -> y (steps, units) or (units,).
    """

    kernel: Tensor
    recurrent_kernel: Tensor
    bias: Tensor | None
    activation: tuple[str, tuple[tuple[str, float | bool], ...]]
    result: str
    is_masked: bool
    has_states: bool
    zeroes_masked: bool

    gates: ClassVar[int]
    states: ClassVar[int] = 1
    traits: ClassVar[Traits] = PLAIN

    def output_shape(self, *shapes: Shape) -> Shape:
        """Steps and units, or units only."""
        x, *others = shapes
        inputs, columns = self.kernel.shape
        units = self.recurrent_kernel.shape[0]
        if columns != self.gates * units or self.recurrent_kernel.shape[1] != columns:
            raise ShapeError(
                f"its kernels have shapes {self.kernel.shape} and {self.recurrent_kernel.shape}"
            )
        if len(x) != 2 or x[1] != inputs:
            raise ShapeError(f"it takes steps of {counted(inputs, 'value')}, its input is {x}")
        if len(others) != self.is_masked + self.has_states * self.states:
            raise ShapeError(f"it does not take {len(shapes)} inputs")
        if self.is_masked:
            mask = others.pop(0)
            if len(mask) != 1 or not fits(x[0], mask[0]):
                raise ShapeError(f"its mask is {mask}, its input is {x}")
        if any(state != (units,) for state in others):
            raise ShapeError(f"its states have shapes {others}, it keeps {counted(units, 'value')}")
        return (x[0], units) if self.result == "sequence" else (units,)


@dataclass(frozen=True, eq=False)
class SimpleRnn(Recurrent):
    """h = activation(x @ kernel + bias + h @ recurrent_kernel)."""

    gates: ClassVar[int] = 1


@dataclass(frozen=True, eq=False)
class Lstm(Recurrent):
    """Long short-term memory, Hochreiter and Schmidhuber, 1997, with forget gate, no peepholes.

    i, f, g, o = split(x @ kernel + bias + h @ recurrent_kernel); a is the activation, r the
    recurrent_activation: c = r(f) * c + r(i) * a(g); h = r(o) * a(c).
    """

    recurrent_activation: tuple[str, tuple[tuple[str, float | bool], ...]]

    gates: ClassVar[int] = 4
    states: ClassVar[int] = 2


@dataclass(frozen=True, eq=False)
class Gru(Recurrent):
    """Gated recurrent unit, Cho et al., 2014; a is the activation, r the recurrent_activation.

    z, s = r(split(x @ kernel[z, s] + bias[z, s] + h @ recurrent_kernel[z, s]));
    n = a(x @ kernel[n] + bias[n] + (s * h) @ recurrent_kernel[n]); h = z * h + (1 - z) * n.
    With reset_after, n = a(x @ kernel[n] + bias[n] + s * (h @ recurrent_kernel[n] +
    recurrent_bias[n])), and recurrent_bias is added to z and s too.
    """

    recurrent_bias: Tensor | None
    recurrent_activation: tuple[str, tuple[tuple[str, float | bool], ...]]
    reset_after: bool

    gates: ClassVar[int] = 3


@dataclass(frozen=True, eq=False)
class ConvLstm(Op):
    """An LSTM whose states are images: the recurrent product is a convolution that keeps lengths.

    Inputs are what Lstm makes of x @ kernel + bias, which a Conv of every step gives here; then the
    mask and the states as for a Recurrent.

    Shapes: x (steps, n..., 4 filters), recurrent_kernel (k..., filters, 4 filters), mask (steps,),
    states (n..., filters) -> y (steps, n..., filters) or (n..., filters).
    """

    recurrent_kernel: Tensor
    activation: tuple[str, tuple[tuple[str, float | bool], ...]]
    recurrent_activation: tuple[str, tuple[tuple[str, float | bool], ...]]
    result: str
    is_masked: bool
    has_states: bool
    zeroes_masked: bool

    states: ClassVar[int] = 2
    traits: ClassVar[Traits] = PLAIN

    def output_shape(self, *shapes: Shape) -> Shape:
        """The input's shape with the filters as last axis, with or without the steps."""
        x, *others = shapes
        *size, filters, columns = self.recurrent_kernel.shape
        if columns != 4 * filters:
            raise ShapeError(f"its recurrent kernel has shape {self.recurrent_kernel.shape}")
        if len(x) != len(size) + 2 or x[-1] != columns:
            raise ShapeError(f"it takes steps of {len(size)} axes, its input is {x}")
        if len(others) != self.is_masked + self.has_states * self.states:
            raise ShapeError(f"it does not take {len(shapes)} inputs")
        if self.is_masked:
            mask = others.pop(0)
            if len(mask) != 1 or not fits(x[0], mask[0]):
                raise ShapeError(f"its mask is {mask}, its input is {x}")
        state = (*x[1:-1], filters)
        if any(other != state for other in others):
            raise ShapeError(f"its states have shapes {others}, it keeps {state}")
        count_windows(x[1:-1], size, (1,) * len(size), (1,) * len(size), "same")
        return (x[0], *state) if self.result == "sequence" else state
