"""A model's package for Oracle: its specification and body, and the weights that it loads."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from exporter.databases.oracle.registry import (
    IDENTIFIER_BYTES,
    MAX_ARRAY,
    Names,
    Part,
    Units,
    model_names,
)
from exporter.databases.oracle.templates import render
from exporter.databases.oracle.text import catalog_name, ident, literal, number
from exporter.engines.plsql.forward import Forward, boolean, write_items
from exporter.engines.plsql.kinds import Kind, kind_of
from exporter.engines.plsql.limits import MAX_FEATURES
from exporter.engines.plsql.runtime import PACKAGES, in_runtime, runtime_units, spelling
from exporter.engines.plsql.tabular import WRITERS
from exporter.engines.plsql.weights import CannotCall, Weights
from exporter.errors import Problem, SignatureError, UnsupportedError
from exporter.ir.graph import Port, count_numbers, format_shape
from exporter.ir.ops import Op
from exporter.manifest import Manifest
from exporter.samples import Samples
from exporter.sql.text import Sql

Refused: TypeAlias = Mapping[type[Op], tuple[str, str]]

MAX_ADVICE = 900  # characters; an error has 2,048 bytes
MAX_BATCH = 500  # rows: more gain nothing, and a batch is what is lost when its consumer stops
# Names that the functions of scalars use: a parameter of that name would hide them.
INNER_NAMES = ("SCORE_VALUES", "LABEL_VALUES", "UTL_NLA_ARRAY_FLT")
TOO_LONG = "Give other features with --features, or leave them out and score an array."


@dataclass(frozen=True)
class Output:
    """An output as SQL sees it: the function of its score, and its column in score_table."""

    function: Sql
    column: Sql
    is_number: bool
    suffix: Sql
    numbers: Sql
    kind: Kind

    @property
    def argument(self) -> Sql:
        """The parameter that gives it."""
        return Sql("p_y{}").format(self.suffix)

    @property
    def returns(self) -> Sql:
        """Its type in SQL."""
        return Sql("binary_double") if self.is_number else self.kind.array


@dataclass(frozen=True)
class Input:
    """An input: its parameter, and how many numbers a row of it holds."""

    name: str
    parameter: Sql
    numbers: int
    is_free: bool
    kind: Kind


@dataclass(frozen=True, eq=False)
class Made:
    """The package of a version, the packages of the runtime that it calls, in the order in which
    they are made, and its weights in the parts that it loads."""

    package: Units
    runtime: tuple[Units, ...]
    parts: list[Part]


def make_package(
    manifest: Manifest, block: bytes, samples: Samples, oracle_version: str, refused: Refused
) -> Made:
    """All that a version is in Oracle.

    refused are ops without a routine: the reason and what to do.

    Raises: UnsupportedError, with every layer that cannot be called; SqlTextError or
    SignatureError, for names that Oracle cannot have.
    """
    names = model_names(manifest.name, manifest.version, oracle_version)
    limit_bytes = IDENTIFIER_BYTES[oracle_version]
    package = _Package(manifest, block, samples, names, limit_bytes, refused)
    return Made(package.units(), package.runtime(), package.weights.parts)


class _Package:
    """Works out what the templates of a package need."""

    def __init__(
        self,
        manifest: Manifest,
        block: bytes,
        samples: Samples,
        names: Names,
        limit_bytes: int,
        refused: Refused,
    ) -> None:
        self.manifest = manifest
        self.graph = manifest.restore_graph(block)
        self.signature = manifest.signature
        self.samples = samples
        self.names = names
        self.limit_bytes = limit_bytes
        self.weights = Weights(manifest.restore_plan(block))
        self.inputs = self._name_inputs()
        self.forward = self._write_forward(refused)
        self.features = self._name_features()
        self.outputs = self._name_outputs()

    def units(self) -> Units:
        """Specification and body."""
        variables = self._variables()
        return Units(
            self.names.package,
            render("package_spec", variables, spelling()),
            render("package_body", variables, spelling()),
        )

    def runtime(self) -> tuple[Units, ...]:
        """nn_runtime alone where all is numbers of BINARY_FLOAT."""
        is_plain = set(self.graph.dtypes.values()) <= {"float32"}
        return tuple(runtime_units(package) for package in (PACKAGES[:1] if is_plain else PACKAGES))

    def _name_inputs(self) -> list[Input]:
        several = len(self.graph.inputs) > 1
        inputs = []
        for place, port in enumerate(self.graph.inputs, 1):
            known = count_numbers(tuple(1 if n is None else n for n in port.shape)) or 1
            parameter = ident(f"p_x{place}") if several else Sql("p_x")
            kind = kind_of(port.dtype)
            inputs.append(Input(port.name, parameter, known, None in port.shape, kind))
        return inputs

    def _write_forward(self, refused: Refused) -> Forward:
        """Every node's call.

        Raises: UnsupportedError, with all inputs and nodes that cannot be called.
        """
        forward = Forward(self.graph, self.weights, WRITERS)
        problems = []
        for port, item in zip(self.graph.inputs, self.inputs, strict=True):
            try:
                forward.start(port, item.parameter)
            except CannotCall as error:
                problems.append(Problem(port.name, "Input", error.reason, error.advice))
        for node in self.graph.nodes:
            kind = type(node.op)
            try:
                if kind in refused:
                    raise CannotCall(*refused[kind])
                forward.write(node)
            except CannotCall as error:
                problems.append(Problem(node.layer, kind.__name__, error.reason, error.advice))
                forward.assume(node.value, node.shape)
        if problems:
            raise UnsupportedError(problems)
        return forward

    def _name_features(self) -> list[Sql]:
        features = self.signature.features
        for column in self.graph.columns:
            if column.kind != "number" or column.nulls != "null":
                raise SignatureError(
                    f'column "{column.name}" is a {column.kind} that may be missing or no number;'
                    " Oracle takes numbers alone."
                )
        if len(features) > MAX_FEATURES:
            raise SignatureError(
                f"{len(features)} features were given, a cursor takes {MAX_FEATURES} beside the id."
                " Leave features out and score an array."
            )
        keys: dict[str, str] = {}
        for feature in features:
            key = catalog_name(feature)
            if key in INNER_NAMES:
                raise SignatureError(f'a feature cannot be named "{feature}" here. {TOO_LONG}')
            if key in keys:
                raise SignatureError(
                    f'the features "{keys[key]}" and "{feature}" are one name in Oracle. {TOO_LONG}'
                )
            keys[key] = feature
        return [ident(feature, self.limit_bytes) for feature in features]

    def _name_outputs(self) -> list[Output]:
        """One output is the score; several are score_ and the output's name, or its number."""
        ports = self.graph.outputs
        names = ["score"] if len(ports) == 1 else [f"score_{port.name}" for port in ports]
        usable = all(re.fullmatch(r"[\x20-\x7e]+", name) for name in names)
        usable = usable and not any(set(name) & set('"&') for name in names)
        usable = usable and all(len(name) <= self.limit_bytes for name in names)
        if not usable or len({catalog_name(name) for name in names} | {"SCORE_TABLE"}) <= len(
            ports
        ):
            names = [f"score_{place}" for place in range(1, len(ports) + 1)]
        outputs = []
        for place, (name, port) in enumerate(zip(names, ports, strict=True), 1):
            several = len(ports) > 1
            outputs.append(
                Output(
                    function=ident(name, self.limit_bytes),
                    column=ident(name, self.limit_bytes),
                    is_number=count_numbers(port.shape) == 1,
                    suffix=number(place) if several else Sql(""),
                    numbers=self._numbers_of(port, place),
                    kind=kind_of(port.dtype),
                )
            )
        return outputs

    def _numbers_of(self, port: Port, place: int) -> Sql:
        """How many numbers a row of an output holds; a batch of free length is one row."""
        count = count_numbers(port.shape)
        if count is not None:
            return number(count)
        suffix = number(place) if len(self.graph.outputs) > 1 else Sql("")
        return Sql("l_y{}.count").format(suffix)

    def _variables(self) -> dict[str, Any]:
        forward = self.forward
        batch = 1 if any(item.is_free for item in self.inputs) else MAX_BATCH
        lengths = [ident(f"l_length_{place}") for place in range(1, forward.lengths + 1)]
        results = [
            Sql("{} := {};").format(output.argument, forward.finish(port.value))
            for output, port in zip(self.outputs, self.graph.outputs, strict=True)
        ]
        columns = [ident(f"l_x{place}") for place in range(1, len(self.features) + 1)]
        several_in = len(self.inputs) > 1
        arrays = [
            ident(f"l_array{place}" if self.features else f"l_x{place}")
            if several_in
            else Sql("l_x")
            for place in range(1, len(self.inputs) + 1)
        ]
        elements = self._elements()
        return {
            "package": self.names.package,
            "array_types": [
                [item.kind.array for item in self.inputs],
                [_other(item.kind).array for item in self.inputs],
            ],
            "kinds": self._kinds(),
            "is_free": any(item.is_free for item in self.inputs),
            "model": self.names.model,
            "version": self.manifest.version,
            "source": self.graph.source.title,
            "exporter": self.manifest.exporter,
            "features": [
                Sql("{} in binary_double").format(feature) for feature in self.features
            ],
            "columns": columns,
            "cursor_columns": 1 + (len(self.features) or len(self.inputs)),
            "cursor_advice": self._cursor_advice(),
            "column_list": write_items(columns, 6),
            "sample_values": write_items(
                [
                    Sql("to_binary_double({}({}))").format(arrays[item], number(place))
                    for item, place in elements
                ],
                10,
            ),
            "sample_columns": write_items(
                [
                    Sql("{}({}.numbers, {})").format(
                        in_runtime("number_of", self.inputs[item].kind.package),
                        ident(f"s{item + 1}"),
                        number(place),
                    )
                    for item, place in elements
                ],
                10,
            ),
            "inputs": [
                {
                    "name": item.name,
                    "parameter": item.parameter,
                    "numbers": item.numbers,
                    "type": item.kind.array,
                    "other_type": _other(item.kind).array,
                    "runtime": ident(runtime_units(item.kind.package).name),
                    "sample": item.kind.sample,
                    "samples": item.kind.samples,
                    "is_free": boolean(item.is_free),
                    "shape": format_shape(port.shape),
                    "array": arrays[place - 1],
                    "row": ident(f"l_row{place}") if several_in else Sql("l_row"),
                    "feature_values": write_items(self._of_input(self.features, place - 1), 6),
                    "column_values": write_items(
                        [
                            Sql("{}(i)").format(column)
                            for column in self._of_input(columns, place - 1)
                        ],
                        8,
                    ),
                    "arrays": ident(f"l_arrays{place}") if several_in else Sql("l_arrays"),
                }
                for place, (item, port) in enumerate(
                    zip(self.inputs, self.graph.inputs, strict=True), 1
                )
            ],
            "outputs": [
                {
                    "name": port.name,
                    "function": output.function,
                    "column": output.column,
                    "is_number": output.is_number,
                    "returns": output.returns,
                    "argument": output.argument,
                    "array": Sql("l_y{}").format(output.suffix),
                    "numbers": output.numbers,
                    "type": output.kind.array,
                    "runtime": ident(runtime_units(output.kind.package).name),
                    "opening": Sql("{}(to_{}(").format(output.kind.array, output.kind.element)
                    if output.is_number
                    else Sql(""),
                    "closing": Sql("))") if output.is_number else Sql(""),
                    "shape": format_shape(port.shape),
                }
                for output, port in zip(self.outputs, self.graph.outputs, strict=True)
            ],
            "labels": write_items([literal(label) for label in self._labels()], 4),
            "has_labels": bool(self.signature.labels),
            "threshold": self.signature.threshold,
            "batch": min(batch, max(1, MAX_ARRAY // forward.largest)),
            "stores": [
                {
                    "variable": kind.parts,
                    "runtime": ident(runtime_units(kind.package).name),
                    "table": kind.weights,
                    "parts": self.weights.count_parts(kind),
                }
                for kind in (kind_of("float32"), kind_of("float64"))
                if self.weights.count_parts(kind)
            ],
            "weights": [
                {"variable": item.variable, "type": item.type_name, "comment": item.comment,
                 "loads": list(item.loads)}
                for item in self.weights.globals
            ],
            "locals": [
                {"variable": variable, "type": array} for variable, array in forward.locals.items()
            ],
            "lengths": lengths,
            "calls": [*forward.lines, *results],
            "samples": len(self.samples),
            "table_rows": len(self.samples)
            * (1 + (self.inputs[0].kind == self.outputs[0].kind)),
            "tolerance": self.manifest.tolerance,
        }  # fmt: skip

    def _kinds(self) -> list[dict[str, Any]]:
        """What samples hold: the functions that read them."""
        kinds = [item.kind for item in self.inputs] + [item.kind for item in self.outputs]
        return [
            {
                "type": kind.array,
                "runtime": ident(runtime_units(kind.package).name),
                "sample": kind.sample,
                "samples": kind.samples,
            }
            for kind in dict.fromkeys(kinds)
        ]

    def _elements(self) -> list[tuple[int, int]]:
        """(input from 0, its element from 1) of each feature."""
        return [
            (item, place)
            for item, port in enumerate(self.inputs)
            for place in range(1, port.numbers + 1)
            if self.features
        ]

    def _of_input(self, items: Sequence[Sql], place: int) -> list[Sql]:
        """Of something for each feature what belongs to one input."""
        return [
            item
            for item, (of_input, _) in zip(items, self._elements(), strict=True)
            if of_input == place
        ]

    def _cursor_advice(self) -> str:
        """What the columns of a cursor are, after the id."""
        if self.features:
            text = "the features " + ", ".join(self.signature.features)
        else:
            names = ", ".join(port.name for port in self.graph.inputs)
            text = f"an array of type utl_nla_array_flt for each input: {names}"
        return text if len(text) <= MAX_ADVICE else text[:MAX_ADVICE] + "..."

    def _labels(self) -> Sequence[str]:
        """Raises: SignatureError, for an empty label, which Oracle cannot tell from null."""
        for label in self.signature.labels:
            if not label:
                raise SignatureError("a label is empty, which is NULL in Oracle; name it.")
        return self.signature.labels


def _other(kind: Kind) -> Kind:
    """Numbers of the other type, which functions take as well."""
    return kind_of("float32" if kind == kind_of("float64") else "float64")
