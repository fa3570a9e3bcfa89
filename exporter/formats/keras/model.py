"""From an open archive to a Graph: every layer that the outputs need, lowered in order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from exporter.errors import ArchiveError, Problem, ShapeError, UnsupportedError, counted
from exporter.formats.keras.archive import Archive, open_archive
from exporter.formats.keras.config import (
    Call,
    LayerConfig,
    ModelConfig,
    TensorRef,
    parse_inner,
    parse_model,
    walk_refs,
)
from exporter.formats.keras.context import (
    CAST_FIRST,
    Builder,
    Context,
    InnerProblem,
    LayerProblem,
    Value,
)
from exporter.formats.keras.history import LAYERS as SINCE
from exporter.formats.keras.layers import LAYERS
from exporter.formats.keras.layers.core import TRAINING
from exporter.formats.keras.layers.inputs import (
    as_input,
    cell_dtypes,
    dtype_name,
    has_doubles,
    inner_dtypes,
    input_dtype,
)
from exporter.formats.keras.layers.masking import explicit_masks, settle_masks
from exporter.formats.keras.layers.operations import CLASS_NAME, is_operation
from exporter.formats.keras.legacy import modernise
from exporter.formats.keras.lora import merge_lora
from exporter.formats.keras.version import KerasVersion, parse_version
from exporter.formats.keras.weights import Weights
from exporter.formats.opening import ModelFile
from exporter.ir.graph import Graph, Port, Source
from exporter.ir.ops import Dtype, Shape, Tensor, named

MAX_CALLS = 100_000  # a hostile file can nest models that call each other twice, 20 deep
UNKNOWN: list[Value | None] = [None]
# What a lowering function may trip over: a configuration can hold any JSON under any key.
MALFORMED = (TypeError, ValueError, LookupError, AttributeError, OverflowError)
STANDARD_MODULES = ("", "keras", "tf_keras", "tensorflow", "builtins")
REDUCED_PRECISION = ("float16", "bfloat16", "mixed_")
COMPUTED_IN = ("None", "float32", "float64")  # what layers of numbers compute in; None: not said
# Their dtype is that of what they give or take: whole numbers, texts.
OF_ITEMS = (
    "CategoryEncoding",
    "Discretization",
    "HashedCrossing",
    "Hashing",
    "IntegerLookup",
    "StringLookup",
    "TextVectorization",
)
WIDE = ("int32", "int64", "string")  # which hold all that those layers give
# Until Keras 2.0.5, and TensorFlow 1.2, every Embedding wrote its input's type as its own; since
# then it is that of its weights.
EMBEDDING_OF_WEIGHTS = KerasVersion(2, 0, patch=6)
# What a layer may be called with beside tensors: what is true or false, and who asks for it knows.
OPTIONS = ("training", "use_causal_mask", "return_attention_scores", "reverse")
FOLLOWING = (CLASS_NAME, "TFOpLambda", "SlicingOpLambda", "TensorFlowOpLayer")  # of no type
KEEPS_TYPE = ("LayerNormalization", "GroupNormalization")  # of its input, until its result
# Since when Keras casts their results to the type of their input, even one of whole numbers.
CAST_BACK = {
    "GroupNormalization": KerasVersion(3, 7),
    "LayerNormalization": KerasVersion(3, 11),
    "RMSNormalization": KerasVersion(3, 9),
    "SpectralNormalization": KerasVersion(3, 0),
}
QUANTIZED = ("int8", "int4", "float8", "gptq", "awq")  # modes of Keras' quantized policies


def read(file: ModelFile) -> Graph:
    """Read a Keras file (.h5, .hdf5 or .keras, of Keras 1 to 3) without executing anything of it.

    Raises: ArchiveError, when the file cannot be read; UnsupportedError, with every layer that
    cannot be exported.
    """
    with open_archive(file) as archive:
        return build_graph(archive, file.name, file.sha256)


def build_graph(archive: Archive, name: str, sha256: str) -> Graph:
    """Lower what a file or directory of this name and digest holds; see read."""
    try:
        return _build_graph(archive, name, sha256)
    except MALFORMED as error:
        raise ArchiveError(
            f"the configuration in {name} cannot be understood ({type(error).__name__}: {error})."
        ) from error


def _build_graph(archive: Archive, name: str, sha256: str) -> Graph:
    model = parse_model(archive.config)
    if not model.layers:
        raise ArchiveError(f"{name} is an empty model: it has no layers.")
    builder = Builder(parse_version(archive.keras_version), archive.backend)
    builder.knows_ragged = _knows_ragged(model)
    builder.has_doubles = has_doubles(archive.config)
    lowering = Lowering(builder)
    with np.errstate(all="ignore"):  # a negative variance gives NaN scores, as in Keras
        ports, outputs = lowering.lower_top(model, archive.weights)
    if builder.problems:
        raise UnsupportedError(builder.problems)
    if not outputs:
        raise ArchiveError(f"{name} is an empty model: it has no outputs.")
    return Graph(
        name=model.name,
        inputs=ports,
        nodes=tuple(builder.nodes),
        outputs=outputs,
        source=Source("keras", archive.keras_version, name, sha256),
        parameters=lowering.parameters,
        warnings=tuple(builder.warnings),
    )


class Lowering:
    """Lowers a model and the models inside it into one builder.

    A layer that cannot be lowered yields None instead of values, so that the rest is still checked
    and every problem is reported at once.
    """

    def __init__(self, builder: Builder) -> None:
        self.builder = builder
        self.arrays: dict[LayerConfig, list[Tensor]] = {}
        self.inner: dict[tuple[LayerConfig, str], LayerConfig] = {}
        self.parameters = 0
        self.calls = 0

    def lower_top(
        self, model: ModelConfig, weights: Weights
    ) -> tuple[tuple[Port, ...], tuple[Port, ...]]:
        """Inputs and outputs of the whole network."""
        assigned = weights.assign(model.layers, count_weights)
        if model.is_sequential:
            name, shape = self._sequential_input(model, assigned)
            ports: tuple[Port, ...] = ()
            inputs: list[Value | None] = UNKNOWN
            if shape is not None:
                dtype = self._input_dtype(_inmost_first(model))
                start = self.builder.add_input(shape, dtype)
                ports, inputs = (Port(name, start.number, shape, dtype),), [start]
            results = self._sequential(model, assigned, inputs)
            outputs = [(model.layers[-1].name, v) for v in results]
        else:
            layers = {layer.name: layer for layer in model.layers}
            inputs = []
            found = []
            for ref in model.inputs:
                value = self._input_layer(layers.get(ref.layer), ref.layer)
                inputs.append(value)
                if value is not None:
                    dtype = self._input_dtype(layers[ref.layer])
                    found.append(Port(ref.layer, value.number, value.shape, dtype))
            ports = tuple(found)
            results = self._functional(model, assigned, inputs)
            outputs = [(ref.layer, v) for ref, v in zip(model.outputs, results, strict=True)]
        if any(value is not None and value.number < 0 for _, value in outputs):
            raise ArchiveError("an output of the model is the shape of a tensor, not numbers.")
        if any(value is not None and value.number in self.builder.texts for _, value in outputs):
            raise ArchiveError("an output of the model is text, not numbers.")
        bounds = {port.value: self.builder.bounds.get(port.value, (None, None)) for port in ports}
        ports = tuple(replace(p, low=bounds[p.value][0], high=bounds[p.value][1]) for p in ports)
        return _distinct(ports), _distinct(
            tuple(
                Port(name, v.number, v.shape, self.builder.dtypes.get(v.number, "float32"))
                for name, v in outputs
                if v is not None
            )
        )

    def lower_model(
        self, model: ModelConfig, weights: Weights, inputs: Sequence[Value | None]
    ) -> list[Value | None]:
        """Outputs of a model that is used as a layer."""
        assigned = weights.assign(model.layers, count_weights)
        if model.is_sequential:
            return self._sequential(model, assigned, inputs)
        return self._functional(model, assigned, inputs)

    def _sequential(
        self, model: ModelConfig, weights: Mapping[str, Weights], inputs: Sequence[Value | None]
    ) -> list[Value | None]:
        values = list(inputs)
        for layer in model.layers:
            if layer.class_name == "InputLayer":
                self._check_input_layer(layer)
                values = [self._as_input(layer, value) for value in values]
            else:
                call = layer.calls[0] if layer.calls else Call((), {})
                values = self._call(layer, call, weights[layer.name], values)
        return values

    def _functional(
        self, model: ModelConfig, weights: Mapping[str, Weights], inputs: Sequence[Value | None]
    ) -> list[Value | None]:
        if len(inputs) != len(model.inputs):
            raise ArchiveError(
                f'model "{model.name}" has {counted(len(model.inputs), "input")}, it is called with'
                f" {len(inputs)}."
            )
        layers = {layer.name: layer for layer in model.layers}
        done: dict[tuple[str, int], list[Value | None]] = {}
        for ref, value in zip(model.inputs, inputs, strict=True):
            done[ref.layer, ref.node] = [self._as_input(layers.get(ref.layer), value)]
        for layer, node in _order(layers, model.outputs, set(done)):
            call = layer.calls[node]
            values = [_pick(done, ref) for ref in _arguments(layer, call)]
            named = {key: call.kwargs[key] for key in _keywords(layer) if key in call.kwargs}
            if any(_pick(done, ref) is None for ref in walk_refs(named)):
                done[layer.name, node] = UNKNOWN
                continue
            named = {key: _resolve(done, item) for key, item in named.items()}
            done[layer.name, node] = self._call(layer, call, weights[layer.name], values, named)
        return [_pick(done, ref) for ref in model.outputs]

    def _call(
        self,
        layer: LayerConfig,
        call: Call,
        weights: Weights,
        inputs: Sequence[Value | None],
        named: Mapping[str, Any] | None = None,
    ) -> list[Value | None]:
        """Outputs of one call of a layer; UNKNOWN when it or its input cannot be lowered."""
        named = named or {}
        self.calls += 1
        if self.calls > MAX_CALLS:
            raise ArchiveError(f"the model calls its layers more than {MAX_CALLS:,} times.")
        if layer.model is not None:
            if call.is_training:
                self._report(layer, *TRAINING)
            try:
                _check_constants(call)
                return self.lower_model(layer.model, weights, explicit_masks(inputs, named))
            except LayerProblem as problem:
                self._report(layer, problem.reason, problem.advice)
                return UNKNOWN
            except ShapeError as error:
                self._report(layer, str(error), "Give all layers different names and save again.")
                return UNKNOWN
        class_name, config = _modern(layer)
        try:
            self._check_layer(layer, class_name)
            if class_name not in FOLLOWING:
                _check_constants(call)
            entry = LAYERS[class_name]
            known = [value for value in inputs if value is not None]
            if len(known) < len(inputs):
                return UNKNOWN
            if class_name in CAST_BACK and not self.builder.version.before(CAST_BACK[class_name]):
                _check_fractions(self.builder, known)
            dtype = _compute_dtype(layer, class_name)
            inner_dtype = dtype
            if dtype == "float32" and class_name in KEEPS_TYPE and self.builder.version.major >= 3:
                inner_dtype = self.builder.dtype_of(*known)
            elif dtype is not None:
                known = [self._autocast(value, dtype, layer.name) for value in known]
            context = Context(
                layer,
                config,
                call,
                weights,
                [value for value in explicit_masks(known, named) if value is not None],
                self.builder,
                [] if entry.wraps else list(self._arrays(layer, weights)),
                named,
                inner_dtype,
                partial(self._lower_inner, layer),
            )
            results = list(settle_masks(context, entry.mask, entry.lower(context)))
            if dtype is None or inner_dtype == dtype:
                return [*results]
            return [self.builder.cast(value, dtype, layer.name) for value in results]
        except InnerProblem:
            return UNKNOWN
        except LayerProblem as problem:
            self._report(layer, problem.reason, problem.advice)
        except ShapeError as error:
            self._report(
                layer, str(error), "The file contradicts itself; save the model again and compare."
            )
        except MALFORMED as error:
            self._report(
                layer,
                f"its configuration cannot be understood ({type(error).__name__}: {error})",
                "Save the model again; if that does not help, report it with the file.",
            )
        return UNKNOWN

    def _autocast(self, value: Value, dtype: Dtype, layer: str) -> Value:
        """An input as Keras hands it to a layer that computes in dtype: fractions in that."""
        if value.number in self.builder.whole_values:
            return value
        return self.builder.cast(value, dtype, layer)

    def _lower_inner(
        self, layer: LayerConfig, key: str, item: Any, weights: Weights, inputs: Sequence[Value]
    ) -> list[Value]:
        """Outputs of the layer that a wrapper's configuration holds under key.

        Raises: InnerProblem, when it cannot be lowered.
        """
        place = layer, key
        if place not in self.inner:  # kept, so that its weights are read once for all its calls
            self.inner[place] = parse_inner(item)
        results = self._call(self.inner[place], Call((), {}), weights, list(inputs))
        known = [value for value in results if value is not None]
        if len(known) < len(results):
            raise InnerProblem
        return known

    def _check_layer(self, layer: LayerConfig, class_name: str) -> None:
        root = layer.module.split(".")[0]
        if class_name not in LAYERS or root not in STANDARD_MODULES:
            reason, advice = _explain(class_name)
            raise LayerProblem(reason, advice)
        since = SINCE.get(class_name)
        if since is not None and not since.has(self.builder.version):
            raise LayerProblem(
                f"this class came with {since}, the file is of Keras {self.builder.version}: it is"
                " one of the model's author, which is not in the file and need not be the same",
                "Build the model in a newer Keras with its own class, copy the weights and compare"
                " the outputs; save that.",
            )
        policy = dtype_name(layer.config.get("dtype"))
        if policy.startswith(QUANTIZED) and class_name != CLASS_NAME:  # an operation's is a type
            raise LayerProblem(
                f"its weights are quantized ({policy}): whole numbers and scales, with which Keras"
                " computes otherwise than with those of the network that was trained",
                "Export the model as it was before model.quantize().",
            )
        if policy.startswith(REDUCED_PRECISION):
            raise LayerProblem(
                f'it computes in "{policy}", whose results differ from float32 in the third digit',
                "Rebuild the model with dtype policy float32, copy the weights and save it.",
            )
        others = {policy, *cell_dtypes(layer.config)} - {*COMPUTED_IN}
        if class_name in OF_ITEMS:
            others -= {*WIDE}
        if class_name == "Embedding" and self.builder.version.before(EMBEDDING_OF_WEIGHTS):
            others -= {"int32"}
        if others and class_name not in FOLLOWING:
            raise LayerProblem(
                f'it computes in "{min(others)[:40]}", whose results are not those of float32',
                "Rebuild the model with dtype policy float32, copy the weights and save it.",
            )
        if self.builder.has_doubles and policy in ("float32", "float64"):
            parts = [value for key, value in layer.config.items() if key != "dtype"]
            if inner_dtypes(parts) - {policy}:
                raise LayerProblem(
                    f"it computes in {policy}, and a layer inside it does not: where Keras rounds"
                    " depends on how it is written",
                    "Give both the same dtype.",
                )

    def _arrays(self, layer: LayerConfig, weights: Weights) -> list[Tensor]:
        """Weights of a layer, read and counted once however often it is called."""
        if layer not in self.arrays:
            arrays = merge_lora(layer.config, weights, weights.arrays())
            # Several layers may have one name, those of models inside for example.
            prefix = f"{len(self.arrays)}/{layer.name}"
            self.arrays[layer] = [named(a, f"{prefix}/{n}") for n, a in enumerate(arrays)]
            self.parameters += sum(array.size for array in arrays)
            if any(not np.isfinite(array).all() for array in arrays if array.dtype.kind == "f"):
                self.builder.warnings.append(
                    f'weights of layer "{layer.name}" hold NaN or infinite values;'
                    f" scores that use them will be NaN, as in Keras"
                )
        return self.arrays[layer]

    def _report(self, layer: LayerConfig, reason: str, advice: str) -> None:
        problem = Problem(layer.name, layer.class_name, reason, advice)
        if problem not in self.builder.problems:
            self.builder.problems.append(problem)

    def _input_layer(self, layer: LayerConfig | None, name: str) -> Value | None:
        if layer is None or layer.class_name != "InputLayer":
            raise ArchiveError(f'the model\'s input "{name}" is not among its input layers.')
        shape = _without_batch(_declared_shape(layer))
        self._check_input_layer(layer)
        if shape is None:
            self._report(layer, "its shape is not in the file", "Give Input() a shape.")
            return None
        return self.builder.add_input(shape, self._input_dtype(layer))

    def _input_dtype(self, layer: LayerConfig) -> Dtype:
        """What a database gives an input in."""
        return "text" if _takes_text(layer) else input_dtype(layer, self.builder.has_doubles)

    def _as_input(self, layer: LayerConfig | None, value: Value | None) -> Value | None:
        """A value as an input layer hands it on: as numbers of the input's type."""
        if layer is None or value is None or value.number in self.builder.texts:
            return value
        try:
            return as_input(self.builder, layer, value)
        except LayerProblem as problem:
            self._report(layer, problem.reason, problem.advice)
            return None

    def _check_input_layer(self, layer: LayerConfig) -> None:
        for kind in ("sparse", "ragged"):
            if layer.config.get(kind):
                self._report(layer, f"it takes {kind} tensors", "Use a dense Input.")
        if _takes_text(layer) and (_declared_shape(layer) or [None])[1:].count(None) > 1:
            self._report(layer, "it takes texts of several free lengths", "Give it a shape.")

    def _sequential_input(
        self, model: ModelConfig, weights: Mapping[str, Weights]
    ) -> tuple[str, Shape | None]:
        """Name and shape of a Sequential's input, wherever this Keras version wrote it."""
        first = model.layers[0]
        name = first.name if first.class_name == "InputLayer" else f"{first.name}_input"
        inner = _inmost_first(model)
        for candidate in (
            _declared_shape(first),
            model.build_shape,
            first.build_shape,
            _declared_shape(inner),
        ):
            shape = _without_batch(candidate)
            if shape is not None:
                return name, shape
        if first.class_name == "Dense":  # never built with a shape: its kernel still tells
            arrays = self._arrays(first, weights[first.name])
            if arrays and arrays[0].ndim == 2:
                return name, (arrays[0].shape[0],)
        self._report(
            first, "the input's shape is not in the file", "Begin with keras.Input(shape)."
        )
        return name, None


def _check_fractions(builder: Builder, values: Sequence[Value]) -> None:
    """Refuse values of whole-number types.

    Raises: LayerProblem, when one is.
    """
    if any(builder.is_integer(x.number) for x in values):
        raise LayerProblem(
            "its input is of whole numbers, to which Keras cuts off its result", CAST_FIRST
        )


def _check_constants(call: Call) -> None:
    """Refuse a call of a layer, which takes tensors and options, with anything else.

    Raises: LayerProblem, for arrays, numbers and texts among its arguments, and unknown options.
    """
    for key, item in call.kwargs.items():
        if isinstance(item, bool) and key not in OPTIONS:
            raise LayerProblem(
                f"it is called with {key[:40]} = {item}, which is not supported",
                f"Build the model without {key[:40]} in the call.",
            )
    if call.constants:
        raise LayerProblem(
            "it is called with a constant beside its tensors",
            "Compute with the constant by an operation, as in keras.ops.add(x, array), or give the"
            " layer a tensor.",
        )


def _modern(layer: LayerConfig) -> tuple[str, Mapping[str, Any]]:
    """Class name and configuration as the table of layers spells them."""
    if is_operation(layer, LAYERS):
        return CLASS_NAME, layer.config
    return modernise(layer.class_name, layer.config)


def _compute_dtype(layer: LayerConfig, class_name: str) -> Dtype | None:
    """What a layer computes in; None where it follows its inputs: operations do, and layers before
    Keras wrote it beside them, which give their input the type."""
    policy = dtype_name(layer.config.get("dtype"))
    if class_name in FOLLOWING or policy not in ("float32", "float64"):
        return None
    return "float64" if policy == "float64" else "float32"


def count_weights(layer: LayerConfig) -> tuple[int, int] | None:
    """Numbers of trainable and other weights of a layer or model; None for unknown classes."""
    if layer.model is not None:
        counts = [count_weights(item) for item in layer.model.layers]
        known = [count for count in counts if count is not None]
        if len(known) < len(counts):
            return None
        return sum(count[0] for count in known), sum(count[1] for count in known)
    class_name, config = _modern(layer)
    if class_name == "InputLayer":
        return 0, 0
    if class_name not in LAYERS:
        return None
    if isinstance(config.get("layer"), Mapping):  # a wrapper
        inner = count_weights(parse_inner(config["layer"]))
        times = 2 if class_name == "Bidirectional" else 1
        return None if inner is None else (times * inner[0], times * inner[1])
    trainable, other = LAYERS[class_name].weights(config)
    return (trainable, other) if config.get("trainable", True) else (0, trainable + other)


def _arguments(layer: LayerConfig, call: Call) -> list[TensorRef]:
    """The tensors of a call, in the order in which the layer takes them."""
    first = call.args[0] if call.args else None
    if layer.model is not None and isinstance(first, Mapping):
        names = [ref.layer for ref in layer.model.inputs]
        if set(names) == set(first):  # Keras matches them by name, whatever their order
            return [ref for name in names for ref in walk_refs(first[name])]
    named = _keywords(layer)
    others = [item for key, item in call.kwargs.items() if key not in named]
    return list(walk_refs([list(call.args), others]))


def _keywords(layer: LayerConfig) -> tuple[str, ...]:
    """The keywords by which a layer knows what a tensor is for."""
    entry = LAYERS.get(_modern(layer)[0])
    return entry.keywords if entry is not None and layer.model is None else ("mask",)


def _resolve(done: Mapping[tuple[str, int], list[Value | None]], item: Any) -> Any:
    """The same nested arguments with values in the place of references."""
    if isinstance(item, TensorRef):
        return _pick(done, item)
    if isinstance(item, list):
        return [_resolve(done, part) for part in item]
    if isinstance(item, Mapping):
        return {key: _resolve(done, part) for key, part in item.items()}
    return item


def _pick(done: Mapping[tuple[str, int], list[Value | None]], ref: TensorRef) -> Value | None:
    """One output of a call that was lowered; None where it could not be.

    Raises: ArchiveError, when the call has no such output.
    """
    values = done[ref.layer, ref.node]
    if values is UNKNOWN:
        return None
    if not 0 <= ref.tensor < len(values):
        raise ArchiveError(
            f'the model uses output {ref.tensor} of layer "{ref.layer}", which has {len(values)}.'
        )
    return values[ref.tensor]


def _order(
    layers: Mapping[str, LayerConfig], outputs: Sequence[TensorRef], ready: set[tuple[str, int]]
) -> Iterator[tuple[LayerConfig, int]]:
    """Calls that the outputs need, each after those it depends on.

    Raises: ArchiveError, when a link leads nowhere or in a circle.
    """
    done = set(ready)
    open_calls: set[tuple[str, int]] = set()
    stack = [(ref.layer, ref.node) for ref in reversed(outputs)]
    while stack:
        name, node = stack[-1]
        if (name, node) in done:
            stack.pop()
            continue
        layer = layers.get(name)
        if layer is None or not 0 <= node < len(layer.calls):
            raise ArchiveError(f'the model uses call {node} of layer "{name}", which is not there.')
        needed = [(r.layer, r.node) for r in layer.calls[node].tensors]
        missing = [item for item in needed if item not in done]
        if missing:
            if (name, node) in open_calls:
                raise ArchiveError(f'layer "{name}" depends on its own output.')
            open_calls.add((name, node))
            stack.extend(reversed(missing))
            continue
        stack.pop()
        done.add((name, node))
        yield layer, node


def _knows_ragged(model: ModelConfig) -> bool:
    """Whether an input layer at any depth has "ragged" in its configuration."""
    return any(
        "ragged" in layer.config
        if layer.class_name == "InputLayer"
        else layer.model is not None and _knows_ragged(layer.model)
        for layer in model.layers
    )


def _first_layer(model: ModelConfig) -> LayerConfig:
    """The layer that takes a model's first input."""
    names = [ref.layer for ref in model.inputs[:1]]
    return next((layer for layer in model.layers if layer.name in names), model.layers[0])


def _inmost_first(model: ModelConfig) -> LayerConfig:
    """The layer that takes a Sequential's input, in models inside models."""
    inner = model.layers[0]
    while inner.model is not None and inner.model.layers:
        inner = _first_layer(inner.model)
    return inner


def _takes_text(layer: LayerConfig) -> bool:
    """Whether an input layer, or the first of a Sequential without one, takes texts."""
    if layer.class_name == "InputLayer":
        return layer.config.get("dtype") == "string"
    return layer.class_name in ("StringLookup", "TextVectorization")


def _declared_shape(layer: LayerConfig) -> Any:
    """The input shape with batch that a layer's configuration declares, in any spelling."""
    config = layer.config
    for key in ("batch_shape", "batch_input_shape"):
        if isinstance(config.get(key), list):
            return config[key]
    if isinstance(config.get("input_shape"), list):
        return [None, *config["input_shape"]]
    if isinstance(config.get("input_dim"), int) and layer.class_name != "Embedding":
        length = config.get("input_length")
        return [None, *([length] if length else []), config["input_dim"]]
    return None


def _without_batch(shape: Any) -> Shape | None:
    if not isinstance(shape, list) or not shape:
        return None
    if any(not (n is None or (isinstance(n, int) and n > 0)) for n in shape[1:]):
        return None
    return tuple(shape[1:])


def _distinct(ports: tuple[Port, ...]) -> tuple[Port, ...]:
    """The same output given twice gets a number appended to its name."""
    names = {port.name for port in ports}
    taken: set[str] = set()
    result = []
    for port in ports:
        name = port.name
        count = 1
        while name in taken or (count > 1 and name in names):
            count += 1
            name = f"{port.name}_{count}"
        taken.add(name)
        result.append(replace(port, name=name))
    return tuple(result)


def _explain(class_name: str) -> tuple[str, str]:
    """Why a class is not supported, and the way out."""
    if class_name == "Lambda":
        return (
            "it holds Python code, which is never run",
            "Replace it by standard layers, or move its computation into the SQL that calls score.",
        )
    if ">" in class_name:
        return ("it is a class of the model's author", "Rebuild it from standard layers.")
    return (
        "this class is not supported",
        "`export-model layers` prints those that are; rebuild it from them.",
    )
