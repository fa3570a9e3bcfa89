"""How a model of the zoo is written: a chain of Layer entries, a merge, or a function."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True)
class Layer:
    """A layer of a chain: its Keras class and arguments."""

    class_name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Case:
    """A model: how to build it, and the Keras classes it is there to cover."""

    build: Callable[[Any], Any]
    covers: tuple[str, ...]
    suffixes: tuple[str, ...] = ("h5", "keras")


def layer(class_name: str, **arguments: Any) -> Layer:
    """A Layer entry."""
    return Layer(class_name, arguments)


def dense(units: int, activation: str | None = None, **arguments: Any) -> Layer:
    """A Dense entry."""
    return Layer("Dense", {"units": units, "activation": activation, **arguments})


def chain(shape: tuple[int | None, ...], *layers: Layer) -> Case:
    """A Sequential of these layers on an input of this shape (without batch)."""

    def build(keras: Any) -> Any:
        return keras.Sequential([keras.Input(shape), *(make(keras, item) for item in layers)])

    return Case(build, tuple(dict.fromkeys(item.class_name for item in layers)))


def without_h5(case: Case) -> Case:
    """The same case for .keras files only, where Keras cannot save it as .h5."""
    return replace(case, suffixes=("keras",))


def merge(
    class_name: str, *shapes: tuple[int | None, ...], dense_after: int = 0, **arguments: Any
) -> Case:
    """One input for each shape, joined by a merge layer."""

    def build(keras: Any) -> Any:
        inputs = [keras.Input(shape, name=f"x{i}") for i, shape in enumerate(shapes)]
        joined = make(keras, Layer(class_name, arguments))(inputs)
        if dense_after:
            joined = keras.layers.Dense(dense_after)(joined)
        return keras.Model(inputs, joined)

    return Case(build, (class_name,))


def make(keras: Any, item: Layer) -> Any:
    """The Keras layer of an entry."""
    if item.class_name == "ThresholdedReLU":  # Keras 3 keeps it only to read old files
        return keras.src.legacy.layers.ThresholdedReLU(**item.arguments)
    return getattr(keras.layers, item.class_name)(**item.arguments)
