"""SimpleRNN, LSTM, GRU, their CuDNN variants, RNN over cells, and Bidirectional."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from exporter.formats.keras.config import LayerConfig, parse_inner
from exporter.formats.keras.context import Context, Value
from exporter.formats.keras.hdf5 import Array
from exporter.formats.keras.layers.activations import activation_op
from exporter.formats.keras.layers.core import refuse_training
from exporter.formats.keras.legacy import modernise
from exporter.formats.keras.weights import TreeWeights
from exporter.ir.ops import (
    Activation,
    Add,
    Average,
    Concatenate,
    ConvLstm,
    Cut,
    Glu,
    Gru,
    Lstm,
    Multiply,
    Op,
    Recurrent,
    SimpleRnn,
    Tensor,
)

KEYWORDS = ("mask", "initial_state", "constants")
MERGES: dict[str, type[Op]] = {"sum": Add, "mul": Multiply, "ave": Average}
Function = tuple[str, tuple[tuple[str, float | bool], ...]]
# Builds the op of a layer: make(result, is_masked, has_states, zeroes_masked).
Make = Callable[[str, bool, bool, bool], Recurrent | ConvLstm]


def simple_rnn(context: Context) -> list[Value]:
    """h = activation(x @ kernel + bias + h @ recurrent_kernel)."""
    kernel, recurrent_kernel, bias, _ = _weights(context, 1)
    function = read_function(context, "activation")
    return run_steps(
        context,
        lambda result, masked, states, zeroes: SimpleRnn(
            kernel, recurrent_kernel, bias, function, result, masked, states, zeroes
        ),
    )


def lstm(context: Context, is_cudnn: bool = False) -> list[Value]:
    """Long short-term memory."""
    context = _as_cudnn(context) if is_cudnn else context
    kernel, recurrent_kernel, bias, _ = _weights(context, 4, is_cudnn)
    function = read_function(context, "activation")
    gate = read_function(context, "recurrent_activation")
    return run_steps(
        context,
        lambda result, masked, states, zeroes: Lstm(
            kernel, recurrent_kernel, bias, function, result, masked, states, zeroes, gate
        ),
    )


def gru(context: Context, is_cudnn: bool = False) -> list[Value]:
    """Gated recurrent unit, resetting before or after the recurrent product."""
    context = _as_cudnn(context) if is_cudnn else context
    after = is_cudnn or _resets_after(context)
    kernel, recurrent_kernel, bias, late = _weights(context, 3, is_cudnn, after)
    function = read_function(context, "activation")
    gate = read_function(context, "recurrent_activation")
    return run_steps(
        context,
        lambda result, masked, states, zeroes: Gru(
            kernel, recurrent_kernel, bias, function, result, masked, states, zeroes,
            late, gate, after,
        ),
    )  # fmt: skip


def rnn(context: Context) -> list[Value]:
    """RNN over a single SimpleRNNCell, LSTMCell or GRUCell: the layer of that name."""
    cell = context.config.get("cell")
    inner = parse_inner(cell) if isinstance(cell, Mapping) else None
    if inner is not None and inner.class_name == "StackedRNNCells":
        return _stacked(context, [parse_inner(item) for item in inner.config.get("cells") or []])
    if inner is None or inner.class_name not in CELLS:
        context.refuse(
            f"its cell is {'missing' if inner is None else repr(inner.class_name)}",
            "Use SimpleRNN, LSTM or GRU layers.",
        )
    own = {key: value for key, value in inner.config.items() if key != "name"}
    return CELLS[inner.class_name](context.with_config({**context.config, **own}))


def _stacked(context: Context, cells: Sequence[LayerConfig]) -> list[Value]:
    """Cells that each work on the output of the one before: layers one after the other."""
    for cell in cells:
        if cell.class_name not in CELLS:
            context.refuse(f"a cell of it is {cell.class_name!r}", "Use SimpleRNN, LSTM or GRU.")
    if not cells or context.flag("return_state", False) or given_states(context):
        context.refuse(
            "its stacked cells take or give states", "Use layers, one after another, instead."
        )
    backwards = context.flag("go_backwards", False)
    if backwards and context.inputs[0].mask is not None:
        context.refuse("its stacked cells go backwards over a mask", "Leave one of them out.")
    values = [context.input]
    for number, (cell, arrays) in enumerate(zip(cells, _cell_weights(context, cells), strict=True)):
        own = {key: value for key, value in cell.config.items() if key != "name"}
        config = {**context.config, **own, "go_backwards": backwards and number == 0}
        if number < len(cells) - 1:
            config |= {"return_sequences": True, "zero_output_for_mask": False}
        inner = replace(context, config=config, arrays=arrays, inputs=values, named={})
        values = CELLS[cell.class_name](inner)
    return values


def _cell_weights(context: Context, cells: Sequence[LayerConfig]) -> list[list[Array]]:
    """The weights of each cell."""
    if isinstance(context.weights, TreeWeights):
        parts = context.weights.child("cell").child("cells")
        owned = parts.assign(cells, lambda _: (3, 0))
        if len(owned) < len(cells):
            context.refuse("several of its cells share a name", "Rename them.")
        return [owned[cell.name].arrays() for cell in cells]
    counts = [2 + bool(cell.config.get("use_bias", True)) for cell in cells]
    ends = np.cumsum([0, *counts]).tolist()
    return [context.arrays[a:b] for a, b in itertools.pairwise(ends)]


def bidirectional(context: Context) -> list[Value]:
    """One layer forwards and one backwards, merged by merge_mode; None leaves both apart."""
    forward = parse_inner(context.config.get("layer"))
    backward = _backward(context, forward)
    mode = context.config.get("merge_mode", "concat")
    if mode is not None and mode != "concat" and mode not in MERGES:
        context.refuse(f"its merge_mode is {mode!r}", "Use concat, sum, mul, ave or None.")
    half = len(context.arrays) // 2
    arrays = context.arrays[:half], context.arrays[half:]
    weights = context.weights, context.weights
    if isinstance(context.weights, TreeWeights):  # parts by name, so backward_layer comes first
        arrays = arrays[1], arrays[0]
        weights = _directions(context.weights)
    states = given_states(context)
    x = context.inputs[0].with_mask(_used_mask(context, context.inputs[0], states))
    middle = len(states) // 2
    results = [
        _one_way(replace(context, arrays=own, weights=place), layer, x, given)
        for layer, own, place, given in zip(
            (forward, backward), arrays, weights, (states[:middle], states[middle:]), strict=True
        )
    ]
    (y, *forward_states), (y_back, *backward_states) = results
    mask = None
    if forward.config.get("return_sequences"):
        mask = context.inputs[0].mask
        y_back = _reverse(context, y_back)
    last = [*forward_states, *backward_states]
    if mode is None:
        return [y.with_mask(mask), y_back.with_mask(mask), *last]
    op = Concatenate(len(y.shape) - 1) if mode == "concat" else MERGES[mode]()
    return [context.emit(op, y, y_back).with_mask(mask), *last]


def weight_counter(gates: int) -> Callable[[Mapping[str, Any]], tuple[int, int]]:
    """kernel, recurrent_kernel, bias; Keras 1, known by its argument names, has them per gate."""

    def count(config: Mapping[str, Any]) -> tuple[int, int]:
        per_gate = "consume_less" in config and config["consume_less"] != "gpu"
        times = gates if per_gate else 1
        cell = config.get("cell")
        if isinstance(cell, Mapping) and isinstance(cell.get("config"), Mapping):
            config = cell["config"]
        cells = config.get("cells")
        if isinstance(cells, list):
            return sum(2 + bool(parse_inner(c).config.get("use_bias", True)) for c in cells), 0
        return times * (2 + bool(config.get("use_bias", True))), 0

    return count


def run_steps(context: Context, make: Make) -> list[Value]:
    """The outputs of a recurrent layer: what it returns, then its states if it returns them.

    Every state that is wanted besides the output runs the layer anew; what nobody uses is
    dropped with all other unused nodes.
    """
    _check(context)
    x, initial = context.inputs[0], given_states(context)
    passed, mask = x.mask, _used_mask(context, x, initial)
    old = context.version.major < 3 and not context.version.is_tf_keras
    if initial and mask is not None and old:
        context.refuse("it is given both a mask and states", "Leave out one of them.")
    if mask is not None and len(mask.shape) != 1:
        context.refuse(
            f"its mask has the shape {mask.shape}, not one number for each step",
            "Mask steps, not single numbers.",
        )
    is_sequence = context.flag("return_sequences", False)
    zeroes = mask is not None and context.flag("zero_output_for_mask", False)
    inputs = [x] if mask is None else [x, mask]
    if context.flag("go_backwards", False):
        inputs = [_reverse(context, value) for value in inputs]

    def emit(result: str) -> Value:
        op = make(result, mask is not None, bool(initial), zeroes)
        return context.emit(op, *inputs, *initial)

    y = emit("sequence" if is_sequence else "last").with_mask(passed if is_sequence else None)
    if not context.flag("return_state", False):
        return [y]
    hidden = emit("hidden") if is_sequence or zeroes or initial else y
    states = make("last", False, False, False).states
    return [y, hidden] if states == 1 else [y, hidden, emit("cell")]


def _used_mask(context: Context, x: Value, states: list[Value]) -> Value | None:
    """The mask that steps are judged by.

    Keras 3 finds a mask by itself only in calls with a single tensor: with initial states, only
    one that is given by keyword counts.
    """
    if context.version.major < 3 or not states or isinstance(context.named.get("mask"), Value):
        return x.mask
    return None


def _check(context: Context) -> None:
    """Refuse what has no meaning for single rows, or another order of axes."""
    dropouts = ("dropout", "recurrent_dropout", "dropout_W", "dropout_U")
    if any(context.config.get(key) for key in dropouts):
        refuse_training(context)
    if context.flag("stateful", False):
        # Scored alone, a row would start from zeros; Keras starts it where the row in the same
        # place of the batch before left off, so that the scores would silently differ.
        context.refuse(
            "it is stateful: its result depends on the rows that were scored before",
            "Build the model with stateful=False and the same weights.",
        )
    if context.flag("time_major", False):
        context.refuse("its first axis is time (time_major)", "Build it with time_major=False.")
    if context.config.get("num_constants") or context.named.get("constants"):
        context.refuse("its cell is called with constants", "Use a standard layer.")


def _directions(weights: TreeWeights) -> tuple[TreeWeights, TreeWeights]:
    """Where the weights of the layer that runs forwards lie, and of the other."""
    return weights.child("forward_layer"), weights.child("backward_layer")


def _one_way(context: Context, layer: LayerConfig, x: Value, states: list[Value]) -> list[Value]:
    class_name, config = modernise(layer.class_name, layer.config)
    if class_name not in RECURRENT:
        context.refuse(
            f'it wraps a layer of class "{layer.class_name}"',
            "Wrap SimpleRNN, LSTM, GRU or ConvLSTM.",
        )
    if class_name.startswith("CuDNN") and x.mask is not None:
        context.refuse("it wraps a CuDNN layer, which takes no mask", "Wrap LSTM or GRU.")
    if context.version.major >= 3 or context.version.is_tf_keras:
        # Forced, whatever the configuration of the layer inside says.
        config["zero_output_for_mask"] = config.get("return_sequences")
    inner = replace(context, config=config, inputs=[x, *states], named={"mask": x.mask})
    return RECURRENT[class_name](inner)


def _backward(context: Context, forward: LayerConfig) -> LayerConfig:
    """The layer that runs backwards: as configured, else the other one the other way."""
    given = context.config.get("backward_layer")
    if isinstance(given, Mapping):
        return parse_inner(given)
    flipped = not forward.config.get("go_backwards", False)
    return replace(forward, config={**forward.config, "go_backwards": flipped})


def given_states(context: Context) -> list[Value]:
    """States given in the call, as further inputs or by keyword."""
    given = context.named.get("initial_state")
    given = given if isinstance(given, list) else [given]
    return [*context.inputs[1:], *(value for value in given if isinstance(value, Value))]


def _reverse(context: Context, x: Value) -> Value:
    """x with its steps in reverse order."""
    rest = ((None, None, None),) * (len(x.shape) - 1)
    return context.emit(Cut(((None, None, -1), *rest)), x)


def _weights(
    context: Context, gates: int, is_cudnn: bool = False, has_late_bias: bool = False
) -> tuple[Tensor, Tensor, Tensor | None, Tensor | None]:
    """kernel, recurrent_kernel, bias, recurrent bias, in the layout of Keras 2 and 3."""
    units = int(context.number("units", 0))
    columns = gates * units

    def convert() -> Sequence[Array]:
        arrays = context.arrays
        if len(arrays) == 3 * gates and gates > 1:
            arrays = join_gates(arrays, gates)
        shapes: list[tuple[int | None, ...]] = [(None, columns), (units, columns)]
        if is_cudnn:
            shapes.append((2 * columns,))
        elif context.flag("use_bias", True):
            shapes.append((2, columns) if has_late_bias else (columns,))
        taken: list[Array] = list(replace(context, arrays=arrays).take(*shapes))
        kernel, recurrent, *biases = taken
        if is_cudnn:
            kernel = np.hstack([k.T.reshape(k.shape, order="F") for k in np.hsplit(kernel, gates)])
            recurrent = np.hstack([k.T for k in np.hsplit(recurrent, gates)])
            both = biases[0].reshape(2, columns)
            biases = [both] if has_late_bias else [both[0] + both[1]]
        rest: list[Array] = list(biases[0]) if biases and has_late_bias else list(biases)
        return [kernel, recurrent, *rest]

    kernel, recurrent_kernel, *rest = context.prepare(convert)
    bias, late = [*rest, None, None][:2]
    return kernel, recurrent_kernel, bias, late


def join_gates(arrays: list[Array], gates: int) -> list[Array]:
    """Keras 1: kernel, recurrent kernel and bias of each gate; an LSTM's in the order i, c, f, o.

    Source: keras.engine.topology.preprocess_weights_for_loading of Keras 2.
    """
    order = (0, 2, 1, 3) if gates == 4 else range(gates)
    return [np.concatenate([arrays[3 * gate + kind] for gate in order], -1) for kind in range(3)]


def _resets_after(context: Context) -> bool:
    """reset_after; where the file does not say, as in the Keras that saved it."""
    given = context.config.get("reset_after")
    if given is not None:
        return bool(given)
    if len(context.arrays) == 3:
        return context.arrays[2].ndim == 2
    if context.version.is_tf_keras:
        context.refuse("the file does not tell whether it resets after", "Save the model again.")
    return context.version.major >= 3


def read_function(context: Context, key: str) -> Function:
    """An activation of a cell as the kernels take it."""
    if key in context.config:
        spec = context.config[key]
    elif key == "activation":
        spec = "tanh"
    elif context.version.is_tf_keras:
        context.refuse(f"the file does not tell its {key}", "Save the model again.")
    else:
        spec = "sigmoid" if context.version.major >= 3 else "hard_sigmoid"
    op = activation_op(context, spec, 1)
    if isinstance(op, Activation):
        return op.function, op.options
    if isinstance(op, Glu):
        context.refuse(f"its {key} halves its input", "Use another activation.")
    return op.kernel_name, ()


def _as_cudnn(context: Context) -> Context:
    """The configuration that a CuDNN layer stands for; it takes no mask."""
    fixed = {"activation": "tanh", "recurrent_activation": "sigmoid"}
    inputs = [value.with_mask(None) for value in context.inputs]
    return replace(context, config={**context.config, **fixed}, inputs=inputs)


Lower = Callable[[Context], list[Value]]
CELLS: dict[str, Lower] = {"SimpleRNNCell": simple_rnn, "LSTMCell": lstm, "GRUCell": gru}
RECURRENT: dict[str, Lower] = {
    "SimpleRNN": simple_rnn,
    "LSTM": lstm,
    "GRU": gru,
    "RNN": rnn,
    "CuDNNLSTM": lambda context: lstm(context, is_cudnn=True),
    "CuDNNGRU": lambda context: gru(context, is_cudnn=True),
}
