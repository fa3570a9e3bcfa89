"""A deployment to Oracle: registry and packages in the order that keeps the model scoring.

DDL commits, so there is no one transaction. A new version is staged beside the old one, verified,
and switched to by replacing a synonym; every statement can be run again.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from exporter.databases.oracle.shared import (
    FOREIGN_REGISTRY,
    LOST_TEXT,
    MISSING,
    NAME_TAKEN,
    NOTHING_TO_DO,
    Units,
    check_compiled,
    check_runtime,
    make_runtime,
    make_units,
)
from exporter.databases.oracle.sqlplus import ArrayStatement, SqlPlusScript
from exporter.databases.oracle.switches import (
    Standing,
    journal_statement,
    name_grantee,
    pieces_of,
    switch_champion,
    told_grant,
)
from exporter.databases.oracle.templates import render
from exporter.databases.oracle.text import (
    array_of,
    catalog_name,
    character_sets_of,
    ident,
    is_plain,
    literal,
    number,
    type_of,
)
from exporter.engines.plsql.record import PLSQL
from exporter.errors import SignatureError, counted
from exporter.ir.graph import Port, format_shape
from exporter.ir.plan import Plan
from exporter.manifest import Manifest
from exporter.release import Release
from exporter.samples import Array, Samples
from exporter.sql.script import Statement
from exporter.sql.text import Sql

REGISTRY_FORMAT = 3  # what a deployment makes, and moves the others to
REGISTRY_COMMENTS = tuple(f"export-model registry, format {n + 1}" for n in range(REGISTRY_FORMAT))
REGISTRY_COMMENT = REGISTRY_COMMENTS[-1]
SHORT = 8  # hex digits of a version in names
MAX_ARRAY = 1_000_000  # elements of a UTL_NLA_ARRAY_FLT
CALL_NUMBERS = 1000  # literals in one constructor call
BLOCK_NUMBERS = 20_000  # literals in one anonymous block: about 300 kB of text
MAX_SAMPLE_TEXT = 4000  # bytes of an element of SYS.ODCIVARCHAR2LIST
MAX_TEXT = 900  # characters of names in tables: at most four bytes each, 4,000 bytes a column
RESERVED_PREFIXES = ("export_model_", "nn_runtime", "nn_double", "nn_tables", "nn_trees")
IDENTIFIER_BYTES = {"12.1": 30, "12.2": 128, "19": 128, "23": 128}
TABLES = (
    "models",
    "versions",
    "tensors",
    "weights",
    "weights_double",
    "samples",
    "samples_double",
    "samples_text",
    "aliases",
    "journal",
)
ARRAY_TABLES = {
    "weights": ("weights", Sql("utl_nla_array_flt"), "weights_data"),
    "weights_double": ("weights", Sql("utl_nla_array_dbl"), "weights_doubles"),
    "samples": ("samples", Sql("utl_nla_array_flt"), "samples_data"),
    "samples_double": ("samples", Sql("utl_nla_array_dbl"), "samples_doubles"),
    "samples_text": ("samples", Sql("sys.odcivarchar2list"), "samples_texts"),
}
"""Tables of arrays: their template, the type of an array, and the segment that holds them."""
SAMPLE_TABLES = {
    "float32": "export_model_samples",
    "float64": "export_model_samples_double",
    "text": "export_model_samples_text",
}
"""By the type of a port."""
NOTHING_SAID = Release()


@dataclass(frozen=True)
class Names:
    """What a model is called in SQL, and how the data dictionary spells it."""

    model: str
    short: str
    synonym: Sql
    package: Sql
    synonym_key: str
    package_key: str


@dataclass(frozen=True, eq=False)
class Part:
    """A row of the weights: one tensor, or a block of it, as the package multiplies it.

    number counts the parts of its type of numbers, float32 or float64, from 0. first_number counts
    from the tensor's first number in the order of the file; -1 where the order is another one.
    """

    number: int
    tensor: int
    first_number: int
    array: Array


def model_names(model: str, version: str, oracle_version: str) -> Names:
    """Names of a version's objects.

    Raises: SqlTextError or SignatureError, when they cannot be names in that Oracle.
    """
    limit = IDENTIFIER_BYTES[oracle_version]
    short = version[:SHORT]
    ident(model, limit - len(short) - 1)  # the package's name is the longer one
    if model.lower().startswith(RESERVED_PREFIXES):
        raise SignatureError(
            f'the name "{model}" begins like the registry\'s own; choose another with --name.'
        )
    package = f"{model}_{short}"
    return Names(
        model=model_key(model),
        short=short,
        synonym=ident(model, limit),
        package=ident(package, limit),
        synonym_key=catalog_name(model),
        package_key=catalog_name(package),
    )


def model_key(model: str) -> str:
    """The name in the registry: lower case where Oracle does not tell the two apart."""
    return model.lower() if is_plain(model) else model


def fletcher(array: Array) -> tuple[float, float]:
    """The two sums that the package checks: of the numbers, and of those running sums.

    Both are BINARY_DOUBLE and added in order, so that the package finds the same bits. What is not
    finite counts as a number, or any sum of it would be as good as another.
    """
    with np.errstate(invalid="ignore", over="ignore"):
        running = np.cumsum(np.nan_to_num(array.astype(np.float64), nan=1, posinf=2, neginf=3))
        twice = np.cumsum(running)
    return (float(running[-1]), float(twice[-1])) if array.size else (0.0, 0.0)


def assemble(
    manifest: Manifest,
    plan: Plan,
    samples: Samples,
    *,
    oracle_version: str,
    parts: Sequence[Part],
    runtime: Sequence[Units],
    package: Units,
    words: Sequence[str] = (),
    release: Release = NOTHING_SAID,
) -> SqlPlusScript:
    """The script that deploys these packages under the model's name, with these weights.

    words are the texts that the model knows, release what is said about the version.

    Raises: SqlTextError or SignatureError, when a name cannot be used in Oracle.
    """
    names = model_names(manifest.name, plan.version, oracle_version)
    assembly = _Assembly(names, plan.version, release)
    assembly.preflight([*manifest.signature.labels, *words])
    assembly.registry()
    assembly.version_rows(manifest, plan, runtime[0], len(parts))
    assembly.weights(parts)
    assembly.samples(manifest, samples)
    assembly.statements += make_runtime(runtime)
    assembly.statements += make_units("model", package, key=names.package_key)
    assembly.statements.append(check_compiled("was the package compiled?", [names.package_key]))
    assembly.accept()
    guard = _render(
        "guard_deployed",
        model=names.model,
        version=plan.version,
        synonym=names.synonym_key,
        package=names.package_key,
        is_promoted=release.is_promoted,
    )
    version = plan.version[:12]
    return SqlPlusScript(
        names.model,
        plan.version,
        tuple(assembly.statements),
        guard=Statement("is it deployed already?", guard),
        stop=_stop(f"model {names.model}, version {version}: deployed already, nothing to do"),
        purpose=f"deploy model {names.model}, version {version}",
        uninstall=uninstall(names.model),
        runtime=tuple(catalog_name(units.name) for units in runtime),
        summary=_summary(names, runtime, parts, samples),
        check=check_runtime(runtime),
        said=tuple(assembly.said()),
    )


def _summary(
    names: Names, runtime: Sequence[Units], parts: Sequence[Part], samples: Samples
) -> tuple[str, ...]:
    """What the script makes, how large it is, what it needs and how to remove it."""
    numbers = sum(part.array.size for part in parts)
    size = sum(part.array.nbytes for part in parts)
    packages = [names.package_key, *(catalog_name(units.name) for units in runtime)]
    return (
        f"It makes the packages {', '.join(packages[:-1])} and {packages[-1]},",
        f"the synonym {names.synonym_key}, and where they are absent the tables EXPORT_MODEL_*.",
        f"It stores {counted(numbers, 'number')} of weights ({size / 1e6:.1f} MB)"
        f" and {counted(len(samples), 'sample')}.",
        "Its user needs CREATE TABLE, CREATE PROCEDURE, CREATE SYNONYM, a quota on the default",
        "tablespace, and",
        *PLSQL.rights,
        "The script of the same name that ends in _uninstall.sql removes it again.",
    )


def uninstall(model: str) -> SqlPlusScript:
    """The script that removes a model, all its versions and, after the last one, the registry."""
    key = model_key(model)
    statements = [
        *_tables(),
        Statement(
            "registry: bring it to this format",
            _render("move_registry", manifests=_render("move_manifests")),
        ),
        Statement("stop scoring", _render("drop_synonym", model=key)),
        Statement("packages", _render("drop_packages", model=key)),
        Statement("rows", _render("delete_rows", model=key)),
        *(
            Statement(f"registry: {table}", _render("drop_table", table=table_key(table)))
            for table in reversed(TABLES)
        ),
    ]
    return SqlPlusScript(
        key,
        "",
        tuple(statements),
        guard=Statement("is it deployed?", _render("guard_dropped", model=key)),
        stop=_stop(f"model {key} is not deployed here: nothing to remove"),
        purpose=f"remove model {key}",
        summary=(
            "It drops the model's synonym, all its packages and their rows. With the",
            "last model the tables EXPORT_MODEL_* go too. It needs no right beyond owning them.",
        ),
    )


def _stop(reason: str) -> Statement:
    return Statement("is anything left to do?", _render("stop", reason=reason, code=NOTHING_TO_DO))


def stored_sample(array: Array, port: Port) -> tuple[Array, str]:
    """A row of a port as it is stored, and the table that it goes into.

    Raises: SignatureError, for a text that is too long.
    """
    if port.dtype == "text":
        longest = max((len(text.encode()) for text in array.ravel() if text is not None), default=0)
        if longest > MAX_SAMPLE_TEXT:
            raise SignatureError(
                f"a sample row holds a text of {counted(longest, 'byte')}, the registry keeps"
                f" {MAX_SAMPLE_TEXT:,}: give rows of shorter ones, with --samples-from FILE."
            )
        return array.ravel(), sample_table(port)
    kind = np.float64 if port.dtype == "float64" else np.float32
    return array.astype(kind).ravel(), sample_table(port)


def sample_table(port: Port) -> str:
    """The table that holds a port's rows."""
    return SAMPLE_TABLES[port.dtype]


class _Assembly:
    """Collects the statements of one deployment."""

    def __init__(self, names: Names, version: str, release: Release) -> None:
        self.names = names
        self.version = version
        self.release = release
        self.statements: list[Statement] = []

    def _add(self, name: str, template: str, **variables: Any) -> None:
        self.statements.append(Statement(name, _render(template, **variables)))

    def preflight(self, texts: Sequence[str]) -> None:
        """Refuse before anything is made; texts are labels and words."""
        foreign = list(dict.fromkeys(text for text in texts if not text.isascii()))
        self._add(
            "check what a deployment needs",
            "preflight",
            model=self.names.model,
            version=self.version,
            synonym=self.names.synonym_key,
            package=self.names.package_key,
            registry_comments=REGISTRY_COMMENTS,
            missing=MISSING,
            taken=NAME_TAKEN,
            foreign=FOREIGN_REGISTRY,
            texts=", ".join(map(ascii, foreign))[:MAX_TEXT],
            character_sets=character_sets_of(foreign) if foreign else [],
            lost=LOST_TEXT,
        )

    def registry(self) -> None:
        """Tables; a version beside the champion needs one."""
        self.statements += make_registry()
        if not self.release.is_promoted:
            of_model = {"model": self.names.model, "synonym": self.names.synonym_key}
            self._add("is there a champion?", "require_champion", **of_model, code=MISSING)

    def version_rows(self, manifest: Manifest, plan: Plan, runtime: Units, parts: int) -> None:
        """Rows that say what the version is."""
        self._add("remove what an earlier run left", "clear_version", version=self.version)
        self._add("model", "insert_model", model=self.names.model, synonym=self.names.synonym_key)
        self._add(
            "version",
            "insert_version",
            version=self.version,
            model=self.names.model,
            package=self.names.package_key,
            runtime=catalog_name(runtime.name),
            graph_digest=manifest.graph_digest,
            source_file=manifest.source.file_name[:MAX_TEXT],
            source_sha256=manifest.source.sha256,
            database="oracle",
            engine=PLSQL.name,
            format=manifest.source.format,
            format_version=manifest.source.format_version,
            parameters=manifest.parameters,
            inputs=_describe(manifest.inputs),
            outputs=_describe(manifest.outputs),
            source_uri=manifest.source.uri[:MAX_TEXT] if manifest.source.uri else None,
            plan=pieces_of(plan.text),
            manifest=pieces_of(manifest.to_json()),
            numbers=len(plan.block) // 4,
            parts=parts,
            expected_by=manifest.expected_by,
            tolerance=manifest.tolerance,
            exporter_version=manifest.exporter,
        )
        if plan.tensors:
            tensors = [
                {
                    "name": entry.name[:MAX_TEXT],
                    "shape": str(list(entry.shape)),
                    "offset": entry.offset,
                    "size": math.prod(entry.shape),
                    "sha256": entry.sha256,
                }
                for entry in plan.tensors
            ]
            self._add("tensors", "insert_tensors", version=self.version, tensors=tensors)

    def weights(self, parts: Sequence[Part]) -> None:
        """The weights, a statement for each part."""
        for index, part in enumerate(parts, 1):
            sum_1, sum_2 = fletcher(part.array)
            name = f"weights: part {index} of {len(parts)}, {counted(part.array.size, 'number')}"
            kind = "_double" if part.array.dtype == np.float64 else ""
            variables = {
                "table": ident(f"export_model_weights{kind}"),
                "type": type_of(part.array),
                "version": self.version,
                "part": part.number,
                "tensor": part.tensor,
                "first_number": part.first_number,
                "size": int(part.array.size),
                "sum_1": sum_1,
                "sum_2": sum_2,
            }
            if part.array.size > BLOCK_NUMBERS:
                sql = _render("insert_part", **variables, data=Sql(":numbers"))
                write = partial(_write_pieces, variables)
                self.statements.append(ArrayStatement(name, sql, part.array, write))
            else:
                key = {"part": part.number}
                self._add_array(name, part.array, "insert_part", variables, "data", key)

    def samples(self, manifest: Manifest, samples: Samples) -> None:
        """Sample rows with expected outputs."""
        sides = ((manifest.inputs, samples.inputs), (manifest.outputs, samples.outputs))
        for row in range(len(samples)):
            for is_output, (ports, arrays) in enumerate(sides):
                for index, (port, array) in enumerate(zip(ports, arrays, strict=True)):
                    key = {"sample": row, "is_output": is_output, "port": index}
                    numbers, table = stored_sample(array[row], port)
                    self._add_array(
                        f"sample {row + 1} of {len(samples)}: {port.name}",
                        numbers,
                        "insert_sample",
                        {
                            "table": ident(table),
                            "type": type_of(numbers),
                            "version": self.version,
                            "name": port.name[:MAX_TEXT],
                            **key,
                        },
                        "numbers",
                        key,
                    )

    def accept(self) -> None:
        """Prove the new version, then switch to it where it is to be the champion."""
        because = self.release.because
        self._add("prove it: score the samples", "prove", package=self.names.package)
        self._add(
            "proved: this version never changes again",
            "mark_verified",
            version=self.version,
            is_promoted=self.release.is_promoted,
            because=pieces_of(because),
        )
        if self.release.is_promoted:
            to = Standing(self.version, self.names.package_key)
            key = self.names.synonym_key
            self.statements += switch_champion(self.names.model, key, to, "deploy", because)
        self.statements += self.said()

    def said(self) -> list[Statement]:
        """Statements of what is said about the version, which may be there already."""
        said = []
        metrics, grants = self.release.metrics_json, self.release.grants
        if metrics:
            of_version = {"version": self.version, "metrics": pieces_of(metrics)}
            said.append(Statement("metrics", _render("release_version", **of_version)))
        if grants:
            of_model = {"synonym": self.names.synonym, "grantees": list(map(name_grantee, grants))}
            said.append(Statement("who may score", _render("grant_model", **of_model)))
            said.append(journal_statement(self.names.model, "grant", told_grant(grants)))
        return said

    def _add_array(
        self,
        name: str,
        array: Array,
        template: str,
        variables: dict[str, Any],
        column: str,
        key: dict[str, int],
    ) -> None:
        condition = _condition(self.version, key)

        def write(numbers: Array) -> Iterator[Sql]:
            yield _render(template, **variables, data=array_of(numbers[:CALL_NUMBERS]))
            for start in range(CALL_NUMBERS, numbers.size, BLOCK_NUMBERS):
                block = numbers[start : start + BLOCK_NUMBERS]
                yield _render(
                    "append",
                    table=variables["table"],
                    type=variables["type"],
                    column=ident(column),
                    key=condition,
                    first=start,
                    arrays=_constructors(block),
                )

        sql = _render(template, **variables, data=Sql(":numbers"))
        self.statements.append(ArrayStatement(name, sql, array, write))


def _write_pieces(variables: dict[str, Any], numbers: Array) -> Iterator[Sql]:
    """Statements that store a part of the weights piece by piece and then join them."""
    names = ("table", "type", "version", "part", "tensor")
    common = {name: variables[name] for name in names}
    for piece, start in enumerate(range(0, numbers.size, BLOCK_NUMBERS), 1):
        block = numbers[start : start + BLOCK_NUMBERS]
        yield _render("insert_piece", **common, piece=piece, arrays=_constructors(block))
    yield _render("join_pieces", **variables)


def _constructors(block: Array) -> list[Sql]:
    return [
        array_of(block[start : start + CALL_NUMBERS])
        for start in range(0, block.size, CALL_NUMBERS)
    ]


def _condition(version: str, key: dict[str, int]) -> Sql:
    terms = [Sql("version = {}").format(literal(version))]
    terms += [Sql("{} = {}").format(ident(name), number(value)) for name, value in key.items()]
    return Sql(" and ").join(terms)


def make_registry() -> list[Statement]:
    """Statements that make the registry, or bring it to this format."""
    manifests = _render("move_manifests")
    return [
        *_tables(),
        Statement(
            "registry: bring it to this format", _render("move_registry", manifests=manifests)
        ),
        Statement("registry: numbers of versions", _render("number_versions")),
        Statement(
            "registry: format", _render("registry_comment", registry_comment=REGISTRY_COMMENT)
        ),
    ]


def _tables() -> list[Statement]:
    return [
        Statement(
            f"registry: {table}",
            _render("ensure_table", table=table_key(table), ddl=make_table(table)),
        )
        for table in TABLES
    ]


def make_table(table: str) -> Sql:
    """The statement that creates a table of the registry."""
    template, element, segment = ARRAY_TABLES.get(table, (table, Sql(""), ""))
    if not segment:
        return _render(f"registry_{template}")
    names = {"table": ident(f"export_model_{table}"), "segment": ident(f"export_model_{segment}")}
    return _render(f"registry_{template}", **names, type=element)


def table_key(table: str) -> str:
    """A table of the registry as the dictionary spells it."""
    return f"EXPORT_MODEL_{table.upper()}"


def _describe(ports: tuple[Port, ...]) -> str:
    text = ", ".join(f"{port.name} ({format_shape(port.shape)})" for port in ports)
    return text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + "..."


def _render(template: str, **variables: Any) -> Sql:
    return render(template, variables)
