"""A model's package for Oracle: its specification and body, and the weights that it loads."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from exporter.databases.oracle.registry import (
    IDENTIFIER_BYTES,
    MAX_ARRAY,
    Names,
    Part,
    model_names,
)
from exporter.databases.oracle.shared import Units
from exporter.databases.oracle.templates import render
from exporter.databases.oracle.text import catalog_name, ident, literal, number
from exporter.engines.plsql.calls import WRITERS
from exporter.engines.plsql.calls.tabular import TABULAR
from exporter.engines.plsql.columns import Element, elements_of, is_plain, may_miss
from exporter.engines.plsql.forward import Forward
from exporter.engines.plsql.kinds import Kind, kind_of
from exporter.engines.plsql.layout import write_items
from exporter.engines.plsql.lengths import boolean
from exporter.engines.plsql.limits import MAX_FEATURES
from exporter.engines.plsql.runtime import PACKAGES, TABLES, in_runtime, runtime_units, spelling
from exporter.engines.plsql.weights import CannotCall, Weights
from exporter.errors import (
    Problem,
    SignatureError,
    SqlTextError,
    UnsupportedError,
    list_names,
)
from exporter.ir.graph import Port, count_numbers, format_shape
from exporter.ir.ops import Dtype, Op
from exporter.ir.plan import Plan
from exporter.ir.restore import restore_plan
from exporter.ir.windows import Window
from exporter.manifest import Manifest, refuse_altered
from exporter.samples import Samples
from exporter.sql.text import Sql

Refused: TypeAlias = Mapping[type[Op], tuple[str, str]]

MAX_ADVICE = 900  # characters; an error has 2,048 bytes
MAX_BATCH = 500  # rows: more gain nothing, and a batch is what is lost when its consumer stops
# Names that the functions of scalars use: a parameter of that name would hide them.
INNER_NAMES = ("SCORE_VALUES", "LABEL_VALUES", "UTL_NLA_ARRAY_FLT", "UTL_NLA_ARRAY_DBL")
OTHERWISE = (
    "Name all columns with --features, in the order of the model's, and score a view that has the"
    " table's columns under these names; docs/oracle.md has an example."
)
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
    may_miss: list[int] | None


@dataclass(frozen=True, eq=False)
class Made:
    """The package of a version, the packages of the runtime that it calls, in the order in which
    they are made, its weights in the parts that it loads, and the texts that it knows."""

    package: Units
    runtime: tuple[Units, ...]
    parts: list[Part]
    words: list[str]


def make_package(
    manifest: Manifest, block: bytes, samples: Samples, oracle_version: str, refused: Refused
) -> Made:
    """All that a version is in Oracle.

    refused are ops without a routine: the reason and what to do.

    Raises: UnsupportedError, with every layer that cannot be called; SqlTextError or
    SignatureError, for names that Oracle cannot have.
    """
    plan = manifest.restore_plan(block)
    return _make(manifest, plan, len(samples), oracle_version, refused)


def make_again(manifest: Manifest, samples: int, oracle_version: str, refused: Refused) -> Made:
    """The same of a version whose weights are not at hand in the plan's order, by how many samples
    it has. Its text does not depend on the numbers of its weights; the parts are of their sizes,
    and hold none of them.

    Raises: as make_package; DatabaseError, when the plan cannot be read.
    """
    with refuse_altered("plan"):
        block = bytes(manifest.weight_bytes)
        plan = restore_plan(manifest.plan, manifest.document, block)
    return _make(manifest, plan, samples, oracle_version, refused)


def _make(
    manifest: Manifest, plan: Plan, samples: int, oracle_version: str, refused: Refused
) -> Made:
    names = model_names(manifest.name, manifest.version, oracle_version)
    limit_bytes = IDENTIFIER_BYTES[oracle_version]
    package = _Package(manifest, plan, samples, names, limit_bytes, refused)
    words = [word for node in package.graph.nodes for word in words_of(node.op)]
    return Made(package.units(), package.runtime(), package.weights.parts, words)


class _Package:
    """Works out what the templates of a package need."""

    def __init__(
        self,
        manifest: Manifest,
        plan: Plan,
        samples: int,
        names: Names,
        limit_bytes: int,
        refused: Refused,
    ) -> None:
        self.manifest = manifest
        self.graph = manifest.restore_graph(plan.block)
        self.signature = manifest.signature
        self.samples = samples
        self.names = names
        self.limit_bytes = limit_bytes
        self.weights = Weights(plan)
        self.inputs = self._name_inputs()
        self.forward = self._write_forward(refused)
        self.elements = elements_of(self.graph.inputs, self.signature.features)
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
        is_single = set(self.graph.dtypes.values()) <= {"float32"}
        of_tables = any(type(node.op) in TABULAR for node in self.graph.nodes)
        alone = is_single and is_plain(self.graph.inputs) and not of_tables
        return tuple(runtime_units(package) for package in (PACKAGES[:1] if alone else PACKAGES))

    def _name_inputs(self) -> list[Input]:
        several = len(self.graph.inputs) > 1
        inputs = []
        for place, port in enumerate(self.graph.inputs, 1):
            known = count_numbers(tuple(1 if n is None else n for n in port.shape)) or 1
            parameter = ident(f"p_x{place}") if several else Sql("p_x")
            is_free = None in port.shape
            inputs.append(
                Input(port.name, parameter, known, is_free, kind_of(port.dtype), may_miss(port))
            )
        return inputs

    def _write_forward(self, refused: Refused) -> Forward:
        """Every node's call.

        Raises: UnsupportedError, with all inputs and nodes that cannot be called.
        """
        forward = Forward(self.graph, self.weights, WRITERS, TABULAR)
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
            raise UnsupportedError(_grouped(problems))
        return forward

    def _name_features(self) -> list[Sql]:
        features = self.signature.features
        texts = [port.name for port in self.graph.inputs if port.is_text]
        if texts and not features:
            raise SignatureError(
                f'input "{texts[0]}" takes texts, and SQL has no arrays of texts to give a function'
                " in Oracle: name its elements with --features."
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
        return self._quote_features(features)

    def _quote_features(self, features: Sequence[str]) -> list[Sql]:
        """Features as parameters.

        Raises: SignatureError, naming all that Oracle cannot have here.
        """
        quoted: list[Sql] = []
        refused: dict[str, str] = {}
        for feature in features:
            try:
                quoted.append(ident(feature, self.limit_bytes))
            except SqlTextError as error:
                refused[feature] = str(error)
        if refused:
            first, *others = refused
            more = f" So do the features {list_names(others)}." if others else ""
            raise SignatureError(f"{refused[first]}{more} {OTHERWISE}")
        return quoted

    def _name_outputs(self) -> list[Output]:
        """One output is the score; several are score_ and the output's name, or its number."""
        ports = self.graph.outputs
        names = ["score"] if len(ports) == 1 else [f"score_{port.name}" for port in ports]
        usable = all(re.fullmatch(r"[\x20-\x7e]+", name) for name in names)
        usable = usable and not any(set(name) & set('"&') for name in names)
        usable = usable and all(len(name) <= self.limit_bytes for name in names)
        taken = {"SCORE_TABLE", *(["SCORE_WINDOWS"] if self.signature.window else [])}
        found = {catalog_name(name) for name in names}
        if not usable or len(found) < len(ports) or found & taken:
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
        columns = [ident(f"l_x{place}") for place in range(1, len(self.features) + 1)]
        results = self._results()
        arrays = [
            [item.kind.array for item in self.inputs],
            [_other(item.kind).array for item in self.inputs],
        ]
        has_other = arrays[0] != arrays[1]
        return {
            "package": self.names.package,
            "array_types": arrays if has_other else arrays[:1],
            "has_other": has_other,
            "kinds": self._kinds(),
            "is_free": any(item.is_free for item in self.inputs),
            "may_miss": any(1 in (item.may_miss or ()) for item in self.inputs),
            "model": self.names.model,
            "version": self.manifest.version,
            "source": self.graph.source.title,
            "exporter": self.manifest.exporter,
            "features": [
                Sql("{} in {}").format(feature, element.type_name)
                for feature, element in zip(self.features, self.elements, strict=True)
            ],
            "columns": [
                {"variable": column, "type": element.fetched_type}
                for column, element in zip(columns, self.elements, strict=True)
            ],
            "cursor_columns": 1 + (len(self.features) or len(self.inputs)),
            "cursor_advice": self._cursor_advice(),
            "column_list": write_items(columns, 6),
            "sample_values": write_items(
                [
                    element.given(
                        Sql("{}({})").format(self._array(element.input), number(element.place))
                    )
                    for element in self.elements
                ],
                10,
            ),
            "sample_columns": write_items(list(map(self._sample_column, self.elements)), 10),
            "inputs": [self._input(place, columns) for place in range(len(self.inputs))],
            "outputs": [
                {
                    "name": port.name,
                    "function": output.function,
                    "column": output.column,
                    "is_number": output.is_number,
                    "returns": output.returns,
                    "array": Sql("l_y{}").format(output.suffix),
                    "numbers": output.numbers,
                    "runtime": _package(output.kind),
                    "opening": Sql("{}(to_{}(").format(output.kind.array, output.kind.element)
                    if output.is_number
                    else Sql(""),
                    "closing": Sql("))") if output.is_number else Sql(""),
                    "shape": format_shape(port.shape),
                }
                for output, port in zip(self.outputs, self.graph.outputs, strict=True)
            ],
            "results": results,
            "label": {
                "runtime": results[-1]["runtime"],
                "alone": self._label(results[-1], Sql("1")),
                "batched": self._label(results[-1], Sql("l_places(i)")),
            },
            "labels": write_items([literal(label) for label in self._labels()], 4),
            "has_labels": bool(self.signature.labels),
            "batch": min(batch, max(1, MAX_ARRAY // forward.largest)),
            "stores": [
                {
                    "variable": kind.parts,
                    "runtime": _package(kind),
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
            "calls": [*forward.lines, *(item["call"] for item in results)],
            "window": self._window(),
            "samples": self.samples,
            "table_rows": self.samples * (1 + (self.inputs[0].kind == self.outputs[0].kind)),
            "tolerance": self.manifest.tolerance,
        }  # fmt: skip

    def _window(self) -> dict[str, Any] | None:
        """What score_windows needs to know, of a model of windows.

        Raises: SignatureError, for windows that are not scored in Oracle.
        """
        window = self.signature.window
        if window is None:
            return None
        check_windows(window, self.graph.inputs)
        (item,) = self.inputs
        columns = sorted(window.columns, key=lambda column: column.place)
        variables = [ident(f"l_x{place}") for place in range(1, len(columns) + 1)]
        value = Sql("l_values(l_slot + j)")
        return {
            "length": window.length,
            "step": window.step,
            "width": len(columns),
            "columns": [{"variable": v, "type": in_runtime("t_column")} for v in variables],
            "column_list": write_items(variables, 8),
            "row": [Sql("{}(i)").format(variable) for variable in variables],
            "to_element": value
            if item.kind == kind_of("float64")
            else Sql("to_binary_float({})").format(value),
            "put": self._put_row(0, Sql("l_window"), Sql("l_count + 1")),
            "advice": _shortened(", ".join(column.name for column in columns)),
        }

    @property
    def _choice(self) -> int | None:
        """The value that tells a row's label by its place, where neither the largest score nor a
        threshold does."""
        has_own = self.signature.labels and self.signature.threshold is None
        return self.graph.choice if has_own else None

    def _results(self) -> list[dict[str, Any]]:
        """What forward() gives: the outputs, then what tells labels."""
        values = [(port.value, output.suffix, output.kind) for port, output in
                  zip(self.graph.outputs, self.outputs, strict=True)]  # fmt: skip
        if self._choice is not None:
            kind = kind_of(self.graph.dtypes[self._choice])
            values.append((self._choice, Sql("_choice"), kind))
        return [
            {
                "argument": Sql("p_y{}").format(suffix),
                "array": Sql("l_y{}").format(suffix),
                "type": kind.array,
                "runtime": _package(kind),
                "call": Sql("p_y{} := {};").format(suffix, self.forward.finish(value)),
            }
            for value, suffix, kind in values
        ]

    def _label(self, result: dict[str, Any], row: Sql) -> Sql:
        """The call that gives a row's label."""
        name = "label_of" if self._choice is None else "label_at"
        arguments = [result["array"], row, Sql("gc_labels")]
        if self.signature.threshold is not None:
            arguments.append(number(self.signature.threshold))
        return Sql("{}.{}({})").format(result["runtime"], ident(name), Sql(", ").join(arguments))

    def _put_row(self, place: int, given: Sql, row: Sql) -> Sql:
        """The call that puts a row into the array of an input, and tells whether it has a score."""
        item = self.inputs[place]
        into = self._array(place)
        if item.may_miss is None:
            parts = [given, row, number(item.numbers), literal(item.name), into]
            return Sql("{}.put_row({})").format(_package(item.kind), Sql(", ").join(parts))
        parts = [given, row, literal(item.name), self._numbered("gc_may_miss", place), into]
        return Sql("{}({})").format(in_runtime("put_columns", TABLES), Sql(", ").join(parts))

    def _input(self, place: int, columns: Sequence[Sql]) -> dict[str, Any]:
        """An input, and columns, variables of all features."""
        item, port = self.inputs[place], self.graph.inputs[place]
        own = sorted(
            (
                (element.place, feature, column, element)
                for feature, column, element in zip(
                    self.features, columns, self.elements, strict=True
                )
                if element.input == place
            ),
            key=lambda row: row[0],
        )
        row = self._numbered("l_row", place)
        arrays = self._numbered("l_arrays", place)
        given = row if self.features else Sql("{}(i)").format(arrays)
        cast = Sql("{}.cast_({})").format(_package(item.kind), item.parameter)
        return {
            "name": item.name,
            "parameter": item.parameter,
            "numbers": item.numbers,
            "type": item.kind.array,
            "other_type": _other(item.kind).array,
            "cast": item.parameter if port.is_text else cast,
            "runtime": _package(item.kind),
            "sample": item.kind.sample,
            "samples": item.kind.samples,
            "is_free": boolean(item.is_free),
            "shape": format_shape(port.shape),
            "array": self._array(place),
            "row": row,
            "arrays": arrays,
            "alone": item.parameter if item.may_miss is None else self._array(place),
            "put_alone": self._put_row(place, item.parameter, Sql("1")),
            "put_batched": self._put_row(place, given, Sql("l_count + 1")),
            "may_miss": None
            if item.may_miss is None
            else write_items([number(flag) for flag in item.may_miss], 4),
            "may_miss_name": self._numbered("gc_may_miss", place),
            "feature_values": write_items([e.taken(name) for _, name, _, e in own], 6),
            "column_values": write_items(
                [e.taken(Sql("{}(i)").format(column)) for _, _, column, e in own], 8
            ),
        }

    def _numbered(self, name: str, place: int) -> Sql:
        """A name for something of an input, with its number where there are several."""
        return ident(f"{name}{place + 1}" if len(self.inputs) > 1 else name)

    def _array(self, place: int) -> Sql:
        """The variable of an input's array; l_x1, ... are the columns where there are features."""
        return self._numbered("l_array" if self.features and len(self.inputs) > 1 else "l_x", place)

    def _sample_column(self, element: Element) -> Sql:
        """A column of a sample as SQL reads it from its table; NULL where it is missing."""
        item = self.inputs[element.input]
        if item.kind == kind_of("text"):
            read = in_runtime("text_of", TABLES)
        else:
            can_miss = item.may_miss is not None
            read = in_runtime("number_of", TABLES if can_miss else item.kind.package)
        source = ident(f"s{element.input + 1}")
        value = Sql("{}({}.numbers, {})").format(read, source, number(element.place))
        has_type = element.column.kind in ("date", "timestamp")
        return element.given(value) if has_type else value

    def _kinds(self) -> list[dict[str, Any]]:
        """What samples hold: the functions that read them."""
        kinds = [item.kind for item in self.inputs] + [item.kind for item in self.outputs]
        loaded = Sql("{}(l_numbers)").format(in_runtime("texts_of", TABLES))
        return [
            {
                "type": kind.array,
                "stored": kind.stored,
                "loaded": loaded if kind == kind_of("text") else Sql("l_numbers"),
                "is_compared": any(output.kind == kind for output in self.outputs),
                "runtime": _package(kind),
                "sample": kind.sample,
                "samples": kind.samples,
            }
            for kind in dict.fromkeys(kinds)
        ]

    def _cursor_advice(self) -> str:
        """What the columns of a cursor are, after the id."""
        if self.features:
            text = "the features " + ", ".join(self.signature.features)
        else:
            names = ", ".join(port.name for port in self.graph.inputs)
            text = f"an array of type utl_nla_array_flt for each input: {names}"
        return _shortened(text)

    def _labels(self) -> Sequence[str]:
        """Raises: SignatureError, for an empty label, which Oracle cannot tell from null."""
        for label in self.signature.labels:
            if not label:
                raise SignatureError("a label is empty, which is NULL in Oracle; name it.")
        return self.signature.labels


def check_windows(window: Window, ports: Sequence[Port]) -> None:
    """Refuse windows that are not scored in Oracle, all reasons at once.

    Raises: SignatureError.
    """
    reasons = []
    if window.targets:
        reasons.append("--forecast is not for Oracle: leave it out")
    if window.padding is not None:
        reasons.append("--pad is not for Oracle: leave it out")
    if not window.columns:
        reasons.append("name the columns of one row with --features")
    if len(window.columns) > MAX_FEATURES - 2:
        reasons.append(
            f"a row has {len(window.columns)} columns, and Oracle takes {MAX_FEATURES - 2}"
        )
    if len(ports) > 1 or any(c.kind != "number" or c.nulls == "missing" for c in window.columns):
        reasons.append(
            "a row takes texts, dates, truth values or missing numbers, and windows in Oracle are"
            " of numbers: prepare them in a view, and export without the preprocessing"
        )
    if any(None in port.shape for port in ports):
        reasons.append("the model takes windows of any length, and Oracle one length")
    if reasons:
        raise SignatureError(f"--window cannot be scored in Oracle so. {'; '.join(reasons)}.")


def _shortened(text: str) -> str:
    """As much of a list of names as an error has room for."""
    return text if len(text) <= MAX_ADVICE else text[:MAX_ADVICE] + "..."


def _grouped(problems: Sequence[Problem]) -> list[Problem]:
    """One for each op and reason, with how often it is met."""
    same: dict[tuple[str, str, str], list[Problem]] = {}
    for item in problems:
        same.setdefault((item.class_name, item.reason, item.advice), []).append(item)
    return [
        found[0]
        if len(found) == 1
        else replace(found[0], class_name=f"{found[0].class_name}, {len(found)} times")
        for found in same.values()
    ]


def words_of(op: Op) -> Iterator[str]:
    """The texts that an op compares with, or gives."""
    pending = [getattr(op, "words", ()), getattr(op, "missing", None)]
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, tuple):
            pending += item


def _other(kind: Kind) -> Kind:
    """Numbers of the other type, which functions take as well; texts are texts."""
    others: dict[Kind, Dtype] = {kind_of("float32"): "float64", kind_of("float64"): "float32"}
    return kind_of(others.get(kind, "text"))


def _package(kind: Kind) -> Sql:
    """The package of the runtime for a kind of values."""
    return ident(runtime_units(kind.package).name)
