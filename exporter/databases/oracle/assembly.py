"""A deployment to Oracle: registry and packages in the order that keeps the model scoring.

DDL commits, so there is no one transaction. A new version is staged beside the old one, verified,
and switched to by replacing a synonym; every statement can be run again.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from exporter.databases.oracle.registry import (
    MAX_TEXT,
    NAME_BYTES,
    REGISTRY_COMMENTS,
    Names,
    Part,
    make_registry,
    model_names,
    sample_table,
    stop_where,
    uninstall,
)
from exporter.databases.oracle.shared import (
    FOREIGN_REGISTRY,
    LOST_TEXT,
    MISSING,
    NAME_TAKEN,
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
    cut,
    ident,
    literal,
    number,
    type_of,
)
from exporter.engines.plsql.record import PLSQL
from exporter.errors import SignatureError, counted, list_names, name_all
from exporter.ir.graph import Port, format_shape
from exporter.ir.plan import Plan
from exporter.manifest import Manifest
from exporter.release import Release
from exporter.samples import Array, Samples
from exporter.sql.script import Statement
from exporter.sql.text import Sql

CALL_NUMBERS = 1000  # literals in one constructor call
BLOCK_NUMBERS = 20_000  # literals in one anonymous block: about 300 kB of text
MAX_SAMPLE_TEXT = 4000  # bytes of an element of SYS.ODCIVARCHAR2LIST
NOTHING_SAID = Release()


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
        stop=stop_where(f"model {names.model}, version {version}: deployed already, nothing to do"),
        purpose=f"deploy model {names.model}, version {version}",
        uninstall=uninstall(names.model),
        runtime=tuple(catalog_name(units.name) for units in runtime),
        summary=_summary(names, runtime, parts, samples),
        own_summary=(
            *_summary(names, (), parts, samples),
            "It was written with --without-registry: it stops where the runtime is not installed,",
            f"{list_names([catalog_name(units.name) for units in runtime])}.",
        ),
        oracle_version=oracle_version,
        calls=PLSQL.making.calls(manifest, oracle_version) if release.is_promoted else (),
        labels=manifest.signature.labels,
        threshold=manifest.signature.threshold,
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
        f"It makes the {name_all('package', packages)},",
        f"the synonym {names.synonym_key}, and where they are absent the tables EXPORT_MODEL_*.",
        f"It stores {counted(numbers, 'number')} of weights ({size / 1e6:.1f} MB)"
        f" and {counted(len(samples), 'sample')}.",
        "Its user needs CREATE TABLE, CREATE PROCEDURE, CREATE SYNONYM, a quota on the default",
        "tablespace, and",
        *PLSQL.rights,
        *PLSQL.needs,
        "The script of the same name that ends in _uninstall.sql removes it again.",
    )


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
            source_file=cut(manifest.source.file_name, NAME_BYTES),
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
            expected_by=cut(manifest.expected_by, NAME_BYTES),
            tolerance=manifest.tolerance,
            exporter_version=manifest.exporter,
        )
        if plan.tensors:
            tensors = [
                {
                    "name": cut(entry.name, NAME_BYTES),
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
                            "name": cut(port.name, NAME_BYTES),
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


def _describe(ports: tuple[Port, ...]) -> str:
    text = ", ".join(f"{port.name} ({format_shape(port.shape)})" for port in ports)
    return text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + "..."


def _render(template: str, **variables: Any) -> Sql:
    return render(template, variables)
