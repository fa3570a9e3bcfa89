"""The manifest: what a registry keeps of a version, enough to compile it again without its file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from functools import cached_property
from typing import Any

from exporter import __version__
from exporter.errors import DatabaseError
from exporter.ir.graph import Graph, Port, Source
from exporter.ir.plan import Plan, Signature
from exporter.ir.restore import (
    restore_graph,
    restore_inputs,
    restore_outputs,
    restore_plan,
    restore_signature,
)
from exporter.samples import Samples

FORMAT = 1
MAX_TEXT = 64 * 2**20  # characters of a plan or a manifest
MAX_VALUES = 2**22  # of either, told by brackets and commas before it is parsed
MAX_DIGITS = 40  # of a whole number: more take time that grows with their square
UNREADABLE = (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError)
TYPES: dict[str, type | tuple[type, ...]] = {
    "version": str, "weight_bytes": int, "graph_digest": str, "parameters": int,
    "layers": (tuple, type(None)), "expected_by": str, "tolerance": (int, float), "exporter": str,
}  # fmt: skip


def parse_stored(text: str) -> Any:
    """The JSON of a row of a registry, which whoever may deploy can write.

    Raises: ValueError or RecursionError, when it is none, or larger than it can be.
    """
    if len(text) > MAX_TEXT or sum(map(text.count, ",[{")) > MAX_VALUES:
        raise ValueError("it is larger than a plan or manifest can be")
    return json.loads(text, parse_int=_parse_int)


def _parse_int(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise ValueError(f"a number of {len(digits)} digits")
    return int(digits)


@contextmanager
def refuse_altered(what: str) -> Iterator[None]:
    """Say of what cannot be read that somebody altered it.

    Raises: DatabaseError.
    """
    try:
        yield
    except UNREADABLE as error:
        raise DatabaseError(
            f"a {what} in the registry cannot be read, somebody altered it. Deploy the model's"
            " file again."
        ) from error


@dataclass(frozen=True)
class Manifest:
    """A version of a model without its weights and samples.

    plan is the plan's text; ports and signature are read from it. version is the digest of it and
    the weights. layers are the names of its steps' layers, None where they were not kept. exporter
    is the version of the program that made it. What database and engine it is for is not said: a
    registry knows that of itself.
    """

    version: str
    plan: str = field(repr=False)
    weight_bytes: int
    source: Source
    graph_digest: str
    parameters: int
    layers: tuple[str, ...] | None = field(repr=False)
    expected_by: str
    tolerance: float
    exporter: str

    @cached_property
    def document(self) -> dict[str, Any]:
        """The plan, parsed.

        Raises: DatabaseError, when it is none; so do all that read it.
        """
        with refuse_altered("plan"):
            parsed: dict[str, Any] = parse_stored(self.plan)
            return parsed

    @property
    def name(self) -> str:
        """The model's name."""
        return self.signature.name

    @cached_property
    def signature(self) -> Signature:
        """How it is called."""
        with refuse_altered("plan"):
            return restore_signature(self.document)

    @cached_property
    def inputs(self) -> tuple[Port, ...]:
        """Its inputs, without bounds."""
        with refuse_altered("plan"):
            return restore_inputs(self.document)

    @cached_property
    def outputs(self) -> tuple[Port, ...]:
        """Its outputs."""
        with refuse_altered("plan"):
            return restore_outputs(self.document)

    def restore_plan(self, block: bytes) -> Plan:
        """The plan with its weights.

        Raises: DatabaseError, when they are not the version's.
        """
        if Plan(self.plan, block, ()).version != self.version:
            raise DatabaseError(
                f"plan or weights of version {self.version[:12]} are not what they were: somebody"
                " altered them. Deploy the model's file again."
            )
        with refuse_altered("plan"):
            return restore_plan(self.plan, self.document, block)

    def restore_graph(self, block: bytes) -> Graph:
        """The graph with these weights, as it was but for the bounds of its inputs."""
        with refuse_altered("plan"):
            return restore_graph(self.document, block, self.source, self.parameters, self.layers)

    def to_json(self) -> str:
        """All but the plan, which is kept beside it as it is, because its bytes are what counts."""
        others = {item.name: getattr(self, item.name) for item in fields(self)}
        del others["plan"]
        content = {"manifest": FORMAT} | others | {"source": _source_facts(self.source)}
        return json.dumps(content, separators=(",", ":"), allow_nan=False)

    @classmethod
    def from_json(cls, text: str, plan: str) -> Manifest:
        """The manifest that to_json() wrote.

        Raises: DatabaseError, when a newer program wrote it, or it is damaged.
        """
        with refuse_altered("manifest"):
            content = parse_stored(text)
            number = content.pop("manifest")
            if number > FORMAT:
                raise DatabaseError(
                    f"the manifest has format {number}, and this export-model knows {FORMAT}:"
                    " use the version that deployed the model, or a newer one."
                )
            source = _restore_source(content.pop("source"))
            layers = content.pop("layers")
            content["layers"] = None if layers is None else tuple(layers)
            odd = [name for name, kind in TYPES.items() if not isinstance(content[name], kind)]
            if odd:
                raise TypeError(f"{', '.join(odd)} of another type")
            return cls(plan=plan, source=source, **content)


def _source_facts(source: Source) -> dict[str, Any]:
    """A source as JSON; what it has none of is left out."""
    facts = asdict(source)
    if not source.preprocessing:
        del facts["preprocessing"]
    for item in (facts, *facts.get("preprocessing", ())):
        for name in ("uri", "revision"):
            if not item[name]:
                del item[name]
    return facts


def _restore_source(facts: dict[str, Any]) -> Source:
    before = tuple(_restore_source(item) for item in facts.pop("preprocessing", ()))
    return Source(**facts, preprocessing=before)


@dataclass(frozen=True, eq=False)
class Stored:
    """A version as a registry holds it, whole: all that a database compiles a script from."""

    manifest: Manifest
    block: bytes = field(repr=False)
    samples: Samples = field(repr=False)


def make_manifest(graph: Graph, plan: Plan, samples: Samples) -> Manifest:
    """The manifest of a graph, the plan made from it, and the samples that prove it."""
    return Manifest(
        version=plan.version,
        plan=plan.text,
        weight_bytes=len(plan.block),
        source=graph.source,
        graph_digest=graph.digest,
        parameters=graph.parameters,
        layers=tuple(node.layer for node in graph.nodes),
        expected_by=samples.expected_by,
        tolerance=float(samples.tolerance),
        exporter=__version__,
    )
