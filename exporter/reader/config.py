"""Model configurations of every Keras generation in one form: layers, their calls, their links.

Three spellings of links exist: lists of [layer, node, tensor, arguments] (Keras 1 and 2), the
same with tensors among the arguments (tf.keras), and args/kwargs with __keras_tensor__ (Keras 3).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from exporter.errors import ArchiveError

MODEL_CLASSES = ("Sequential", "Functional", "Model")
MAX_NESTING = 20


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
        return list(_walk_refs([list(self.args), list(self.kwargs.values())]))


@dataclass(frozen=True)
class LayerConfig:
    """A layer as configured; model is set when the layer is itself a model.

    build_shape is its input's shape with the batch, as far as the file tells.
    """

    class_name: str
    name: str
    config: Mapping[str, Any]
    calls: tuple[Call, ...]
    module: str
    build_shape: Any
    model: ModelConfig | None

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
    return ModelConfig(
        name=str(body.get("name", class_name.lower())),
        is_sequential=not ("input_layers" in body or "output_layers" in body),
        layers=layers,
        inputs=tuple(_walk_refs(_read_refs(body.get("input_layers", [])))),
        outputs=tuple(_walk_refs(_read_refs(body.get("output_layers", [])))),
        build_shape=build,
    )


def _parse_layer(item: Any, number: int, depth: int) -> LayerConfig:
    if not isinstance(item, Mapping) or not isinstance(item.get("class_name"), str):
        raise ArchiveError(f"layer {number} of the configuration has no class name.")
    class_name = item["class_name"]
    body = item.get("config")
    is_model = class_name in MODEL_CLASSES or _looks_functional(body)
    config = body if isinstance(body, Mapping) else {}
    name = str(item.get("name") or config.get("name") or f"{class_name.lower()}_{number}")
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
    )


def _parse_call(node: Any) -> Call:
    if isinstance(node, Mapping):  # Keras 3
        args = _read_keras3(node.get("args", []))
        kwargs = _read_keras3(node.get("kwargs", {}))
        if not isinstance(args, list) or not isinstance(kwargs, dict):
            raise ArchiveError("a layer's inbound node has no list of arguments.")
        return Call(tuple(args), kwargs)
    if not isinstance(node, list):
        raise ArchiveError("a layer's inbound node is neither a list nor an object.")
    entries = [node] if _is_ref(node) else node
    refs: list[Any] = []
    kwargs = {}
    for entry in entries:
        if not _is_ref(entry):
            raise ArchiveError(f"a layer's inbound node cannot be read: {str(entry)[:80]}.")
        refs.append(TensorRef(entry[0], entry[1], entry[2]))
        if len(entry) > 3 and isinstance(entry[3], Mapping):
            kwargs.update({key: _read_refs(value) for key, value in entry[3].items()})
    return Call((refs[0] if len(refs) == 1 else refs,), kwargs)


def _read_keras3(value: Any) -> Any:
    """Arguments of a Keras 3 call, tensors as TensorRefs."""
    if isinstance(value, Mapping):
        if value.get("class_name") == "__keras_tensor__":
            history = (value.get("config") or {}).get("keras_history")
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


def _walk_refs(value: Any) -> Iterator[TensorRef]:
    if isinstance(value, TensorRef):
        yield value
    elif isinstance(value, (list, Mapping)):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from _walk_refs(item)


def _is_ref(value: Any) -> bool:
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
    names = [layer.name for layer in layers]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ArchiveError(f"several layers share the name {', '.join(twice)}; rename them.")
