"""Weights of each layer, from the two ways in which Keras lays them out in HDF5.

Keras 1 to 3 in .h5: one flat group a top-level layer, whose weight_names attribute gives the
order; a nested model's weights all lie in its one group. Keras 2.12 and later in .keras: a tree
of groups named after classes (dense, dense_1, ...), variables numbered in `vars`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import h5py

from exporter.errors import ArchiveError, ShapeError, counted
from exporter.formats.keras.hdf5 import Array, Budget, find_member, read_text

Item: TypeAlias = tuple[str, h5py.Dataset]  # a weight's path and where it lies
Path: TypeAlias = tuple[str, ...]

NOWHERE: Path = ("",)
PARAM = re.compile(r"param_\d+$")  # how Keras before 1.0 named every weight
MAX_GROUPS = 100_000
MAX_DEPTH = 100


class Member(Protocol):
    """A layer of a model, as far as finding its weights needs it."""

    @property
    def name(self) -> str:
        """The layer's name."""

    @property
    def class_name(self) -> str:
        """Its Keras class."""

    @property
    def is_named(self) -> bool:
        """Whether the file gives the name."""

    @property
    def inner_names(self) -> frozenset[str]:
        """Names of all layers inside it, when it is a model or wraps a layer."""


# How many trainable and how many other weights a layer has, by its configuration; None: unknown.
Count: TypeAlias = Callable[[Any], tuple[int, int] | None]


class Weights(Protocol):
    """The weights of a model or layer, not read until asked for."""

    def assign(self, layers: Sequence[Member], count: Count) -> Mapping[str, Weights]:
        """Weights of each layer of this model, by layer name.

        Raises: ArchiveError or ShapeError, when the file does not decide which are whose.
        """

    def child(self, *names: str) -> Weights:
        """Weights of a part of this layer, under any of these names."""

    def arrays(self) -> list[Array]:
        """All weights in the order in which Keras lists them, without random generators' state.

        Raises: ArchiveError, when they are too large or lie outside the file.
        """

    def vocabulary(self) -> list[str] | None:
        """The words that an adapted layer keeps beside its weights; None where there are none."""


@dataclass(frozen=True)
class LegacyWeights:
    """Weights of .h5 files: (path, dataset) pairs in order, and below them groups by layer."""

    items: tuple[Item, ...]
    group: h5py.Group | None
    budget: Budget

    @classmethod
    def open(cls, group: h5py.Group, max_bytes: int) -> LegacyWeights:
        """Weights of a whole file from its model_weights group."""
        return cls((), group, Budget(max_bytes))

    def guess_backend(self) -> str:
        """The backend of a Keras 1 file, which does not name it: TensorFlow's variables end in :0.

        Checked on a trained network of each: mirroring the kernels where the names have no :0 takes
        one from 80 to 97 % of MNIST right. "" where the names (param_0, ...) do not tell.
        """
        names = [
            name
            for layer in (self.group or ())
            if isinstance(child := find_member(self.group, layer), h5py.Group)
            for name in _names(child, "weight_names")
        ]
        if any(re.search(r":\d+$", name) for name in names):
            return "tensorflow"
        return "theano" if names and not any(PARAM.match(name) for name in names) else ""

    def assign(self, layers: Sequence[Member], count: Count) -> dict[str, Weights]:
        """By group name at the top; inside a nested model by names in paths, else by position."""
        if self.group is not None:
            names = self._group_names(layers)
            return {layer.name: self._from_group(names[layer.name]) for layer in layers}
        owned = self._assign_by_name(layers) or self._assign_by_position(layers, count)
        return {
            name: LegacyWeights(tuple(items), None, self.budget) for name, items in owned.items()
        }

    def _group_names(self, layers: Sequence[Member]) -> dict[str, str]:
        """Group of each layer. Models that the file leaves unnamed take the names left over."""
        names = {layer.name: layer.name for layer in layers}
        unnamed = [layer.name for layer in layers if not layer.is_named]
        if unnamed and self.group is not None:
            known = set(names) - set(unnamed)
            left = [name for name in _names(self.group, "layer_names") if name not in known]
            if len(left) == len(unnamed):
                names.update(zip(unnamed, left, strict=True))
        return names

    def _assign_by_name(self, layers: Sequence[Member]) -> dict[str, list[Item]] | None:
        """Each weight to the one layer that its path names; None where a path names none or two."""
        owned: dict[str, list[Item]] = {layer.name: [] for layer in layers}
        for path, dataset in self.items:
            owners = _owners(path, layers)
            if len(owners) != 1:
                return None
            owned[owners[0]].append((path, dataset))
        return owned

    def _assign_by_position(self, layers: Sequence[Member], count: Count) -> dict[str, list[Item]]:
        """In Keras's order: trainable weights of all layers, then the others of all layers.

        TensorFlow 1 numbered scopes anew in each session (dense_1_1/kernel:0), so that paths name
        no layer; Keras itself goes by position.
        """
        items = [item for item in self.items if "seed" not in item[0]]
        counts = {layer.name: count(layer) for layer in layers}
        known = [number for number in counts.values() if number is not None]
        if len(known) < len(counts) or sum(map(sum, known)) != len(items):
            raise ShapeError(
                f"its {counted(len(items), 'weight')}"
                f" ({', '.join(path for path, _ in items[:3])}, ...) cannot"
                f" be told apart: neither their names nor their number fit the layers inside"
            )
        owned: dict[str, list[Item]] = {layer.name: [] for layer in layers}
        position = 0
        for kind in (0, 1):
            for name, numbers in counts.items():
                size = numbers[kind] if numbers else 0
                owned[name] += items[position : position + size]
                position += size
        return owned

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

    def vocabulary(self) -> list[str] | None:
        """None: Keras does not keep it in .h5."""
        return None

    def _from_group(self, name: str) -> LegacyWeights:
        group = find_member(self.group, name)
        if not isinstance(group, h5py.Group):
            return LegacyWeights((), None, self.budget)
        items = []
        for path in _names(group, "weight_names"):
            dataset = find_member(group, path)
            if not isinstance(dataset, h5py.Dataset):
                raise ArchiveError(f'weight "{path}" of layer "{name}" is missing from the file.')
            items.append((path, dataset))
        return LegacyWeights(tuple(items), None, self.budget)


@dataclass(frozen=True)
class TreeWeights:
    """Weights of .keras files: every `vars` group of the file by its path, and a place therein.

    words are the vocabularies of adapted layers, by the same paths.
    """

    index: Mapping[Path, h5py.Group]
    place: Path
    budget: Budget
    words: Mapping[Path, list[str]]

    @classmethod
    def open(
        cls, group: h5py.Group, max_bytes: int, words: Mapping[Path, list[str]] | None = None
    ) -> TreeWeights:
        """Weights of a whole file from the root of model.weights.h5."""
        return cls(dict(_walk(group)), (), Budget(max_bytes), words or {})

    def assign(self, layers: Sequence[Member], count: Count) -> dict[str, Weights]:
        """The n-th group of a class that holds numbers goes to its n-th layer that needs them.

        Keras numbers the groups of a class as it walks the layers; 2.12 to 2.14 skip numbers,
        so only the order counts. Newer files also write the layer's name, which then decides;
        a layer that an inner model has too is stored there only.
        """
        found: dict[str, list[tuple[int, Path]]] = {}
        for place in self._parts():
            stem, number = _split_number(place[-1])
            found.setdefault(stem, []).append((number, place))
            if number:  # a class may itself end in a number
                found.setdefault(place[-1], []).append((0, place))
        result: dict[str, Weights] = {layer.name: self._at(NOWHERE) for layer in layers}
        by_class: dict[str, list[Member]] = {}
        for layer in layers:
            if count(layer) != (0, 0):
                by_class.setdefault(snake_case(layer.class_name), []).append(layer)
        for stem, members in by_class.items():
            places = [place for _, place in sorted(found.get(stem, []))]
            named = {self._name(place): place for place in places}
            filled = [place for place in places if self._variables(place)]
            if named and None not in named:
                for member in members:
                    place = named.get(member.name) or self._elsewhere(member.name)
                    result[member.name] = self._at(place)
            elif len(filled) == len(members):
                for member, place in zip(members, filled, strict=True):
                    result[member.name] = self._at(place)
            elif filled:
                raise ArchiveError(
                    f"the file has {counted(len(filled), 'group')} of weights for"
                    f" {counted(len(members), 'layer')} of"
                    f" class {members[0].class_name}; which belongs to which cannot be told."
                )
            elif members:
                for member in members:
                    result[member.name] = self._at(self._elsewhere(member.name))
        for name, place in self._places_of_words(layers, found).items():
            result[name] = self._at(place)
        return result

    def _places_of_words(
        self, layers: Sequence[Member], found: Mapping[str, list[tuple[int, Path]]]
    ) -> dict[str, Path]:
        """Places with a vocabulary by layer name: as the places of weights, but that every layer
        of a class has a group, whether adapted or not."""
        result = {}
        for stem in {snake_case(layer.class_name) for layer in layers}:
            places = [place for _, place in sorted(found.get(stem, []))]
            members = [layer.name for layer in layers if snake_case(layer.class_name) == stem]
            names = [self._name(place) for place in places]
            if None in names and len(places) == len(members):
                names = [*members]
            for name, place in zip(names, places, strict=True):
                if name in members and place in self.words:
                    result[name] = place
        for layer in layers:
            place = self._elsewhere(layer.name)
            if layer.name not in result and place in self.words:
                result[layer.name] = place
        return result

    def child(self, *names: str) -> TreeWeights:
        """The group of a part: `cell`, `layer`, `forward_layer`, ..."""
        for name in names:
            place = (*self.place, name)
            if any(path[: len(place)] == place for path in self.index):
                return self._at(place)
        return self._at(NOWHERE)

    def arrays(self) -> list[Array]:
        """Its own variables in order, then those of its parts by name."""
        return [self.budget.read(dataset) for dataset in self._variables(self.place)]

    def vocabulary(self) -> list[str] | None:
        """What lies in assets/.../vocabulary.txt for it."""
        return self.words.get(self.place)

    def _at(self, place: Path) -> TreeWeights:
        return TreeWeights(self.index, place, self.budget, self.words)

    def _parts(self) -> list[Path]:
        """Places of the layers of the model that lies here."""
        for name in ("layers", "_layer_checkpoint_dependencies"):
            place = (*self.place, name)
            size = len(place)
            parts = {path[: size + 1] for path in self.index if path[:size] == place}
            if parts - {place}:
                return sorted(parts - {place})
        size = len(self.place)
        parts = {path[: size + 1] for path in self.index if path[:size] == self.place}
        return sorted(parts - {self.place})

    def _variables(self, place: Path) -> list[h5py.Dataset]:
        size = len(place)
        result = []
        for path in sorted(path for path in self.index if path[:size] == place):
            if not any("seed_generator" in part for part in path[size:]):
                group = self.index[path]
                members = (find_member(group, name) for name in sorted(group, key=_natural))
                result += [item for item in members if isinstance(item, h5py.Dataset)]
        return result

    def _name(self, place: Path) -> str | None:
        """The layer's name, as Keras 3.3 and later write it beside its variables."""
        group = self.index.get(place)
        names = read_text(group, "name") if group is not None else None
        return names[0] if names else None

    def _elsewhere(self, name: str) -> Path:
        """The only place in the whole file that bears this name, if there is one."""
        places = [place for place in self.index if place and self._name(place) == name]
        return places[0] if len(places) == 1 else NOWHERE


def snake_case(class_name: str) -> str:
    """Keras's group name for a class: MultiHeadAttention -> multi_head_attention."""
    name = re.sub(r"\W+", "", class_name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


def _walk(root: h5py.Group) -> Iterator[tuple[Path, h5py.Group]]:
    """All `vars` groups by the path of what they belong to.

    On Windows Keras 2 wrote `layers\\dense` as one name. Links are not followed.
    """
    stack: list[tuple[Path, h5py.Group]] = [((), root)]
    visited = 0
    while stack:
        path, group = stack.pop()
        for name in group:
            child = find_member(group, name)
            if not isinstance(child, h5py.Group):
                continue
            visited += 1
            if visited > MAX_GROUPS or len(path) > MAX_DEPTH:
                raise ArchiveError("its weights are nested in more groups than any model has.")
            parts = name.replace("\\", "/").split("/")
            if parts[-1] == "vars":
                yield (*path, *parts[:-1]), child
            else:
                stack.append(((*path, *parts), child))


def _split_number(name: str) -> tuple[str, int]:
    """dense_12 -> dense, 12; dense -> dense, 0."""
    match = re.fullmatch(r"(.+?)_(\d{1,9})", name)
    return (match[1], int(match[2])) if match else (name, 0)


def _natural(name: str) -> tuple[int, str]:
    return len(name), name


def _names(group: h5py.Group, attribute: str) -> list[str]:
    """An attribute that lists names; long ones are split into name0, name1, ..."""
    names = read_text(group, attribute)
    if names is not None:
        return names
    result: list[str] = []
    for number in range(MAX_GROUPS):
        names = read_text(group, f"{attribute}{number}")
        if names is None:
            break
        result += names
    return result


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
