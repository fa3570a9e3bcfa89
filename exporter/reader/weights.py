"""Weights of each layer, from the two ways in which Keras lays them out in HDF5.

Keras 1 to 3 in .h5: one flat group a top-level layer, whose weight_names attribute gives the
order; a nested model's weights all lie in its one group. Keras 2.12 and later in .keras: a tree
of groups named after classes (dense, dense_1, ...), variables numbered in `vars`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import h5py
import numpy as np

from exporter.errors import ArchiveError, ShapeError

Array = np.ndarray[Any, np.dtype[Any]]


class Member(Protocol):
    """A layer of a model, as far as finding its weights needs it."""

    @property
    def name(self) -> str:
        """The layer's name."""

    @property
    def class_name(self) -> str:
        """Its Keras class."""

    @property
    def inner_names(self) -> frozenset[str]:
        """Names of all layers inside it, when it is a model or wraps a layer."""


class Weights(Protocol):
    """The weights of a model or layer, not read until asked for."""

    def assign(self, layers: Sequence[Member]) -> Mapping[str, Weights]:
        """Weights of each layer of this model, by layer name."""

    def child(self, *names: str) -> Weights:
        """Weights of a part of this layer, under any of these names."""

    def arrays(self) -> list[Array]:
        """All weights in the order in which Keras lists them, without random generators' state.

        Raises: ArchiveError, when they are too large or lie outside the file.
        """


@dataclass
class Budget:
    """How many bytes of weights may still be read from a file."""

    bytes_left: int

    def read(self, dataset: h5py.Dataset) -> Array:
        """Read one dataset whole.

        Raises: ArchiveError, when it points outside the file, is no array of numbers, or is larger
        than any real weight of this file could be.
        """
        if dataset.external or dataset.is_virtual:
            raise ArchiveError(f"weight {dataset.name} points to another file; it is not followed.")
        if dataset.dtype.kind not in "fiub":
            raise ArchiveError(f"weight {dataset.name} holds {dataset.dtype}, not numbers.")
        self.bytes_left -= dataset.nbytes
        if self.bytes_left < 0:
            raise ArchiveError(
                f"weight {dataset.name} claims {dataset.nbytes:,} bytes,"
                f" more than a file of this size can hold."
            )
        return np.asarray(dataset[()])


@dataclass(frozen=True)
class LegacyWeights:
    """Weights of .h5 files: (path, dataset) pairs in order, and below them groups by layer."""

    items: tuple[tuple[str, h5py.Dataset], ...]
    group: h5py.Group | None
    budget: Budget

    @classmethod
    def open(cls, group: h5py.Group, max_bytes: int) -> LegacyWeights:
        """Weights of a whole file from its model_weights group."""
        return cls((), group, Budget(max_bytes))

    def assign(self, layers: Sequence[Member]) -> dict[str, Weights]:
        """By group name at the top; inside a nested model by the names in the weights' paths."""
        if self.group is not None:
            return {layer.name: self._from_group(layer.name) for layer in layers}
        owned: dict[str, list[tuple[str, h5py.Dataset]]] = {layer.name: [] for layer in layers}
        for path, dataset in self.items:
            owners = _owners(path, layers)
            if len(owners) != 1:
                raise ShapeError(
                    f'weight "{path}" belongs to {len(owners)} of the layers inside; only the name'
                    f" can tell. Give all layers different names and save the model again"
                )
            owned[owners[0]].append((path, dataset))
        return {
            name: LegacyWeights(tuple(items), None, self.budget) for name, items in owned.items()
        }

    def child(self, *names: str) -> LegacyWeights:
        """The weights whose path has a component that is or begins with one of the names."""
        chosen = tuple(
            (path, dataset)
            for path, dataset in self.items
            if any(part.startswith(names) for part in path.split("/")[:-1])
        )
        return LegacyWeights(chosen, None, self.budget)

    def arrays(self) -> list[Array]:
        """All weights in the order of weight_names."""
        return [self.budget.read(dataset) for path, dataset in self.items if "seed" not in path]

    def _from_group(self, name: str) -> LegacyWeights:
        group = _member(self.group, name)
        if not isinstance(group, h5py.Group):
            return LegacyWeights((), None, self.budget)
        items = []
        for path in _names(group, "weight_names"):
            dataset = _member(group, path)
            if not isinstance(dataset, h5py.Dataset):
                raise ArchiveError(f'weight "{path}" of layer "{name}" is missing from the file.')
            items.append((path, dataset))
        return LegacyWeights(tuple(items), None, self.budget)


@dataclass(frozen=True)
class TreeWeights:
    """Weights of .keras files: a group with `vars` of its own and groups of its parts."""

    group: h5py.Group | None
    budget: Budget

    @classmethod
    def open(cls, group: h5py.Group, max_bytes: int) -> TreeWeights:
        """Weights of a whole file from the root of model.weights.h5."""
        return cls(group, Budget(max_bytes))

    def assign(self, layers: Sequence[Member]) -> dict[str, Weights]:
        """The n-th group of a class that holds numbers goes to its n-th layer that needs them.

        Keras numbers the groups of a class as it walks the layers; 2.12 to 2.14 skip numbers,
        so only the order counts. Newer files also write the layer's name, which then decides.
        """
        groups = dict(_children(self._layers_group()))
        result: dict[str, Weights] = {layer.name: TreeWeights(None, self.budget) for layer in layers}
        by_class: dict[str, list[Member]] = {}
        for layer in layers:
            by_class.setdefault(snake_case(layer.class_name), []).append(layer)
        for stem, members in by_class.items():
            found = sorted(
                (int(match[1] or 0), group)
                for name, group in groups.items()
                if (match := re.fullmatch(re.escape(stem) + r"(?:_(\d+))?", name))
                and _holds_numbers(group)
            )
            written = {_layer_name(group): group for _, group in found}
            if None not in written and {m.name for m in members} >= set(written):
                for name, group in written.items():
                    result[str(name)] = TreeWeights(group, self.budget)
            elif len(found) == len(members):
                for member, (_, group) in zip(members, found, strict=True):
                    result[member.name] = TreeWeights(group, self.budget)
            elif found:
                raise ArchiveError(
                    f"the file has {len(found)} groups of weights for {len(members)} layers of"
                    f" class {members[0].class_name}; which belongs to which cannot be told."
                )
        return result

    def child(self, *names: str) -> TreeWeights:
        """The group of a part: `cell`, `layer`, `forward_layer`, ..."""
        for name in names:
            group = _member(self.group, name)
            if isinstance(group, h5py.Group):
                return TreeWeights(group, self.budget)
        return TreeWeights(None, self.budget)

    def arrays(self) -> list[Array]:
        """Its own variables in order, then those of its parts by name."""
        return [self.budget.read(dataset) for dataset in _variables(self.group)]

    def _layers_group(self) -> h5py.Group | None:
        for name in ("layers", "_layer_checkpoint_dependencies"):
            group = _member(self.group, name)
            if isinstance(group, h5py.Group) and len(group):
                return group
        return self.group


def snake_case(class_name: str) -> str:
    """Keras's group name for a class: MultiHeadAttention -> multi_head_attention."""
    name = re.sub(r"\W+", "", class_name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


def _children(group: h5py.Group | None) -> Iterator[tuple[str, h5py.Group]]:
    """Sub-groups by name; on Windows Keras 2 wrote `layers\\dense` as one name."""
    for name in group or ():
        child = _member(group, name)
        if isinstance(child, h5py.Group):
            yield name.replace("\\", "/").rsplit("/", 1)[-1], child


def _variables(group: h5py.Group | None) -> Iterator[h5py.Dataset]:
    own = _member(group, "vars")
    if isinstance(own, h5py.Group):
        for name in sorted(own, key=lambda text: (len(text), text)):
            dataset = _member(own, name)
            if isinstance(dataset, h5py.Dataset):
                yield dataset
    for name, child in sorted(_children(group)):
        if name != "vars" and "seed_generator" not in name:
            yield from _variables(child)


def _holds_numbers(group: h5py.Group) -> bool:
    return next(_variables(group), None) is not None


def _layer_name(group: h5py.Group) -> str | None:
    variables = _member(group, "vars")
    name = variables.attrs.get("name") if isinstance(variables, h5py.Group) else None
    return name.decode() if isinstance(name, bytes) else name


def _member(group: h5py.Group | None, path: str) -> Any:
    """A member that lies in this file itself; links to other places are refused."""
    if group is None:
        return None
    here: Any = group
    for part in path.split("/"):
        if not isinstance(here, h5py.Group):
            return None
        link = here.get(part, getlink=True) if part in here else None
        if link is None:
            return None
        if not isinstance(link, h5py.HardLink):
            raise ArchiveError(f"{path} is a link to another place; it is not followed.")
        here = here[part]
    return here


def _names(group: h5py.Group, attribute: str) -> list[str]:
    """An attribute that lists names; long ones are split into name0, name1, ..."""
    if attribute in group.attrs:
        values = list(group.attrs[attribute])
    else:
        values = []
        while f"{attribute}{len(values)}" in group.attrs:
            values.append(group.attrs[f"{attribute}{len(values)}"])
        values = [name for part in values for name in part]
    return [name.decode("utf-8") if isinstance(name, bytes) else str(name) for name in values]


def _owners(path: str, layers: Sequence[Member]) -> list[str]:
    """Names of the layers that a weight's path can belong to, by its longest matching name."""
    parts = path.split("/")
    scopes = set(parts[:-1])
    exact = [layer.name for layer in layers if scopes & ({layer.name} | layer.inner_names)]
    if exact:
        return exact
    # Keras 1 wrote dense_1_W:0 without a scope.
    prefixed = [
        (len(name), layer.name)
        for layer in layers
        for name in {layer.name} | layer.inner_names
        if parts[-1].startswith(name + "_")
    ]
    longest = max(prefixed, default=(0, ""))[0]
    return [name for length, name in prefixed if length == longest]
