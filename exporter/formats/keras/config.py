"""Model configurations of every Keras generation in one form: layers, their calls, their links.

Three spellings of links exist: lists of [layer, node, tensor, arguments] (Keras 1 and 2), the
same with tensors among the arguments (tf.keras), and args/kwargs with __keras_tensor__ (Keras 3).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeGuard

from exporter.errors import ArchiveError

MODEL_CLASSES = ("Sequential", "Functional", "Model")
MAX_NESTING = 20
MAX_NAME_LENGTH = 1000


@dataclass(frozen=True)
class TensorRef:
    """The tensor-th output of the node-th call of a layer."""

    layer: str
    node: int
    tensor: int


@dataclass(frozen=True)
class Call:
    """One call of a layer. args and kwargs hold TensorRefs, nested in lists, and constants."""

    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]

    @property
    def tensors(self) -> list[TensorRef]:
        """All tensors given to the call, in order."""
        return list(walk_refs([list(self.args), list(self.kwargs.values())]))

    @property
    def constants(self) -> list[Any]:
        """What it is given beside tensors and options, which are true or false."""
        named = [item for key, item in self.kwargs.items() if key != "training"]
        given = [item for item in [*self.args, *named] if not isinstance(item, bool)]
        return list(_walk_constants(given))

    @property
    def is_training(self) -> bool:
        """Whether it is told to behave as in training, by name or as the second argument."""
        told = self.kwargs.get("training") not in (None, False, 0)
        return told or any(item is True for item in self.args[1:])


@dataclass(frozen=True, eq=False)
class LayerConfig:
    """A layer as configured; model is set when the layer is itself a model.

    build_shape is its input's shape with the batch, as far as the file tells. is_named is false
    where the file gives no name (models inside a Sequential before Keras 2.2.3).
    """

    class_name: str
    name: str
    config: Mapping[str, Any]
    calls: tuple[Call, ...]
    module: str
    build_shape: Any
    model: ModelConfig | None
    is_named: bool = True
    is_keras3: bool = False

    @cached_property
    def inner_names(self) -> frozenset[str]:
        """Names of all layers inside, at any depth."""
        names: set[str] = set()
        wrapped = self.config.get("layer")
        if isinstance(wrapped, Mapping) and isinstance(wrapped.get("config"), Mapping):
            names.add(str(wrapped["config"].get("name")))
        for layer in self.model.layers if self.model else ():
            names |= {layer.name} | layer.inner_names
        return frozenset(names)


@dataclass(frozen=True)
class ModelConfig:
    """A model: its layers in order and the tensors that go in and out.

    For a Sequential, inputs and outputs are empty: each layer feeds the next.
    """

    name: str
    is_sequential: bool
    layers: tuple[LayerConfig, ...]
    inputs: tuple[TensorRef, ...]
    outputs: tuple[TensorRef, ...]
    build_shape: Any


def parse_model(config: Mapping[str, Any], depth: int = 0) -> ModelConfig:
    """Parse {"class_name": ..., "config": ...} of a model.

    Raises: ArchiveError, when it is not a model's configuration or names a custom class.
    """
    class_name = str(config.get("class_name"))
    if depth > MAX_NESTING:
        raise ArchiveError(f"models are nested in each other deeper than {MAX_NESTING} levels.")
    if class_name == "FeatureSpace":
        raise ArchiveError(
            "it is a FeatureSpace alone, whose columns are not inputs of a model. Save"
            " keras.Model(space.get_inputs(), space.get_encoded_features()), or the whole model"
            " that begins with them."
        )
    if class_name not in MODEL_CLASSES and not _looks_functional(config.get("config")):
        raise ArchiveError(
            f'the model is of class "{class_name}", written by its author, whose code is not in the'
            f" file. Rebuild it as a Functional model (keras.Model(inputs, outputs)) with the same"
            f" layers, copy the weights and save that."
        )
    body = config.get("config")
    if isinstance(body, list):  # Sequential before Keras 2.2.3
        body = {"name": "sequential", "layers": body}
    if not isinstance(body, Mapping) or not isinstance(body.get("layers"), list):
        raise ArchiveError(f'the configuration of model "{class_name}" has no list of layers.')
    build = body.get("build_input_shape") or _input_shape(config.get("build_config"))
    layers = tuple(_parse_layer(item, number, depth) for number, item in enumerate(body["layers"]))
    _check_unique(layers)
    outputs = _read_refs(body.get("output_layers", []))
    shifts = _find_shifts(layers, list(walk_refs(outputs)))
    return ModelConfig(
        name=_name(body.get("name") or class_name.lower()),
        is_sequential=not ("input_layers" in body or "output_layers" in body),
        layers=tuple(_shift_calls(layer, shifts) for layer in layers),
        inputs=tuple(walk_refs(_read_refs(body.get("input_layers", [])))),
        outputs=tuple(walk_refs(_shift_refs(outputs, shifts, 1))),
        build_shape=build,
    )


def parse_inner(item: Any) -> LayerConfig:
    """Parse the layer that a wrapper holds in its configuration.

    Raises: ArchiveError, when it is not a layer's configuration.
    """
    return _parse_layer(item, 0, 1)


def _find_shifts(
    layers: tuple[LayerConfig, ...], outputs: list[TensorRef]
) -> dict[str, tuple[int, int]]:
    """From where the calls of each inner model are counted: by other layers, by the outputs.

    A Functional's own construction counts as call 0 of it: everywhere in Keras 2, in Keras 3 only
    where output_layers names it. Whether it does in this file shows in the numbers: every call
    that is written is used by something, so the largest number is the last call's.
    """
    used = [ref for layer in layers for call in layer.calls for ref in call.tensors]
    shifts = {}
    for layer in layers:
        if layer.model is None or not layer.calls:
            continue
        count = len(layer.calls)
        inside = max((ref.node for ref in used if ref.layer == layer.name), default=0)
        outside = [ref.node for ref in outputs if ref.layer == layer.name]
        if layer.is_keras3:
            functional = not layer.model.is_sequential and min(outside, default=0) >= 1
            shifts[layer.name] = (0, int(functional or max(outside, default=0) >= count))
        else:
            shift = int(max([inside, *outside]) >= count)
            shifts[layer.name] = (shift, shift)
    return shifts


def _shift_calls(layer: LayerConfig, shifts: Mapping[str, tuple[int, int]]) -> LayerConfig:
    calls = tuple(
        Call(
            tuple(_shift_refs(item, shifts, 0) for item in call.args),
            {key: _shift_refs(item, shifts, 0) for key, item in call.kwargs.items()},
        )
        for call in layer.calls
    )
    return replace(layer, calls=calls)


def _shift_refs(value: Any, shifts: Mapping[str, tuple[int, int]], which: int) -> Any:
    """The same references with calls counted from 0."""
    if isinstance(value, TensorRef):
        return replace(value, node=value.node - shifts.get(value.layer, (0, 0))[which])
    if isinstance(value, list):
        return [_shift_refs(item, shifts, which) for item in value]
    if isinstance(value, Mapping):
        return {key: _shift_refs(item, shifts, which) for key, item in value.items()}
    return value


def _parse_layer(item: Any, number: int, depth: int) -> LayerConfig:
    if not isinstance(item, Mapping) or not isinstance(item.get("class_name"), str):
        raise ArchiveError(f"layer {number} of the configuration has no class name.")
    class_name = item["class_name"]
    body = item.get("config")
    is_model = class_name in MODEL_CLASSES or _looks_functional(body)
    config = body if isinstance(body, Mapping) else {}
    given = item.get("name") or config.get("name")
    name = _name(given or f"{class_name.lower()}_{number}")
    nodes = item.get("inbound_nodes") or []
    if not isinstance(nodes, list):
        raise ArchiveError(f'layer "{name}" has inbound_nodes that are not a list.')
    registered = item.get("registered_name")
    custom = isinstance(registered, str) and ">" in registered
    return LayerConfig(
        class_name=registered if custom and isinstance(registered, str) else class_name,
        name=name,
        config=config,
        calls=tuple(_parse_call(node) for node in nodes),
        module=str(item.get("module") or ""),
        build_shape=_input_shape(item.get("build_config")),
        model=parse_model(item, depth + 1) if is_model else None,
        is_named=bool(given),
        is_keras3=any(isinstance(node, Mapping) and "args" in node for node in nodes),
    )


def _name(value: Any) -> str:
    """A name, checked to be text that terminals and databases take."""
    name = str(value)
    if len(name) > MAX_NAME_LENGTH or any(c == "\0" or "\ud800" <= c <= "\udfff" for c in name):
        raise ArchiveError(
            f"the name {name[:40]!a} in the configuration is too long or not valid text."
        )
    return name


def _parse_call(node: Any) -> Call:
    if isinstance(node, Mapping) and "args" in node:  # Keras 3
        args = _read_keras3(node["args"])
        kwargs = _read_keras3(node.get("kwargs", {}))
        if not isinstance(args, list) or not isinstance(kwargs, dict):
            raise ArchiveError("a layer's inbound node has no list of arguments.")
        return Call(tuple(args), kwargs)
    if not isinstance(node, (list, Mapping)):
        raise ArchiveError("a layer's inbound node is neither a list nor an object.")
    kwargs = {}
    first = _read_legacy(node, kwargs)
    return Call((first[0] if isinstance(first, list) and len(first) == 1 else first,), kwargs)


def _read_legacy(value: Any, kwargs: dict[str, Any]) -> Any:
    """[layer, node, tensor, arguments] in any nesting; the arguments go to kwargs."""
    is_constant = isinstance(value, list) and len(value) >= 3 and value[0] == "_CONSTANT_VALUE"
    if is_constant or _is_ref(value):
        if len(value) > 3 and isinstance(value[3], Mapping):
            kwargs.update({str(key): _read_refs(item) for key, item in value[3].items()})
        return value[2] if is_constant else TensorRef(value[0], value[1], value[2])
    if isinstance(value, list):
        return [_read_legacy(item, kwargs) for item in value]
    if isinstance(value, Mapping):
        return {str(key): _read_legacy(item, kwargs) for key, item in value.items()}
    raise ArchiveError(f"a layer's inbound node cannot be read: {str(value)[:80]}.")


def _read_keras3(value: Any) -> Any:
    """Arguments of a Keras 3 call, tensors as TensorRefs."""
    if isinstance(value, Mapping):
        if value.get("class_name") == "__keras_tensor__":
            body = value.get("config")
            history = body.get("keras_history") if isinstance(body, Mapping) else None
            if not _is_ref(history):
                raise ArchiveError("a tensor in the configuration has no keras_history.")
            return TensorRef(history[0], history[1], history[2])
        return {str(key): _read_keras3(item) for key, item in value.items()}
    return [_read_keras3(item) for item in value] if isinstance(value, list) else value


def _read_refs(value: Any) -> Any:
    """Nested lists and objects with [layer, node, tensor] as TensorRefs."""
    if _is_ref(value):
        return TensorRef(value[0], value[1], value[2])
    if isinstance(value, list):
        return [_read_refs(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): _read_refs(item) for key, item in value.items()}
    return value


def walk_refs(value: Any) -> Iterator[TensorRef]:
    """All references in nested lists and objects; objects in the order of their keys, as Keras."""
    if isinstance(value, TensorRef):
        yield value
    elif isinstance(value, Mapping):
        for key in sorted(value):
            yield from walk_refs(value[key])
    elif isinstance(value, list):
        for item in value:
            yield from walk_refs(item)


def _walk_constants(value: Any) -> Iterator[Any]:
    """All in nested lists and objects that is neither a reference nor None; an array as one."""
    if isinstance(value, list) or (isinstance(value, Mapping) and "class_name" not in value):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from _walk_constants(item)
    elif value is not None and not isinstance(value, TensorRef):
        yield value


def _is_ref(value: Any) -> TypeGuard[list[Any]]:
    return (
        isinstance(value, list)
        and len(value) >= 3
        and isinstance(value[0], str)
        and all(isinstance(number, int) and not isinstance(number, bool) for number in value[1:3])
    )


def _looks_functional(body: Any) -> bool:
    return isinstance(body, Mapping) and {"layers", "input_layers", "output_layers"} <= set(body)


def _input_shape(build_config: Any) -> Any:
    return build_config.get("input_shape") if isinstance(build_config, Mapping) else None


def _check_unique(layers: tuple[LayerConfig, ...]) -> None:
    counts = Counter(layer.name for layer in layers)
    twice = sorted(name for name, count in counts.items() if count > 1)
    if twice:
        raise ArchiveError(f"several layers share the name {', '.join(twice)}; rename them.")
