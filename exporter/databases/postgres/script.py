"""PostgreSQL 12 and later: a manifest becomes the deployment script."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import cache, partial
from typing import Any

from exporter.databases.postgres.aliases import (
    Alias,
    batch_aliases,
    chosen_aliases,
    kept_batches,
    row_aliases,
)
from exporter.databases.postgres.columns import has_own_columns, typed_columns
from exporter.databases.postgres.interface import Interface
from exporter.databases.postgres.limits import check_names
from exporter.databases.postgres.ports import outputs_name, score_type, sql_type
from exporter.databases.postgres.proof import verify_alias
from exporter.databases.postgres.rows import digest_row, sample_ports, tensor_rows, version_row
from exporter.databases.postgres.shared import INSTALLED_BEFORE, TABLES, SharedCompiler
from exporter.engines.engine import Engine
from exporter.engines.pgvector.record import PGVECTOR, PGVECTOR_TABLE
from exporter.engines.plpython.record import PLPYTHON
from exporter.engines.statements import REGISTRY, SHORT, Statements, Version
from exporter.errors import counted
from exporter.ir.columns import Column
from exporter.ir.graph import Graph
from exporter.ir.signature import refuse_columns
from exporter.manifest import Manifest
from exporter.release import Release
from exporter.samples import Chunk, Samples, split_block
from exporter.sql.script import Call, Made, Script, Statement, WeightsStatement
from exporter.sql.templates import describe
from exporter.sql.text import Sql, ident, literal

NOTHING_SAID = Release()

DEPLOYED_BEFORE = (
    "`install` brings what PL/Python needs. For {} let a superuser run: create extension if not"
    " exists {}; and deploy one model with --engine {} (of this version of export-model): that"
    " brings what it needs, for all deployers."
)

WHERE_INSTALLED = (
    "Where a superuser made what all models share before (export-model install), a role that",
    "deploys runs a file written with --without-registry instead of this one.",
)
"""The head of a script that makes what all models share."""
CHECKS_SHARED = (
    "it was written with --without-registry, and makes nothing of what all models share: where",
    "that is not there as this version of export-model makes it, it stops and says who brings it.",
)
OWN_RIGHTS = (
    "Rights: those of a member of the role that deploys (export_model_deployer, unless install",
    "named another), and CREATE in the database; or a superuser's.",
)
"""The head of a script of the model's own part."""

OUTDATED = "remove outdated functions"
"""The step that fails where a view needs a function that the version does not have."""


def compile_script(
    manifest: Manifest,
    block: bytes,
    samples: Samples,
    *,
    engine: Engine[Statements] = PLPYTHON,
    release: Release = NOTHING_SAID,
) -> Script:
    """All statements that deploy a version with its weights under its name.

    Raises: UnsupportedError, for ops that the engine lacks; SqlTextError or SignatureError, when a
    name cannot be used in PostgreSQL.
    """
    check_names(manifest)
    return Compiler(manifest, block, samples, engine, release).compile()


def alias_kind(alias: str = "") -> str:
    """What the registry calls functions that users call: of an alias, or of the champion."""
    return f"alias {alias}" if alias else "alias"


class Compiler(SharedCompiler):
    """Collects the statements of one deployment."""

    has_tables = True  # score_table and the like
    has_forms = True  # a version may run in several engines, one after the other
    keeps_version = True  # a statement goes on with the version that it began with
    is_network = False  # lengths of texts in memory begin with the highest byte, on any machine
    is_altered = Sql("encode(sha256(data), 'hex') <> sha256")

    def __init__(
        self,
        manifest: Manifest,
        block: bytes,
        samples: Samples,
        engine: Engine[Statements],
        release: Release = NOTHING_SAID,
    ) -> None:
        graph = cache(partial(manifest.restore_graph, block))
        if engine.lacks:
            engine.require_ops(graph())
        super().__init__(engine)
        self.manifest = manifest
        self.release = release
        self.plan = manifest.restore_plan(block)
        self.signature = manifest.signature
        self.samples = samples
        self.model = manifest.name
        self.short = manifest.version[:SHORT]
        self.objects: list[tuple[str, Sql, str]] = []
        self.user_functions: list[str] = []
        columns = self._typed_columns()
        self.returns = score_type(manifest.outputs, self.model)
        self.version = self._version(graph, columns)
        self.interface = Interface(
            manifest,
            self.engine,
            columns,
            self.version,
            self.returns,
            self.is_network,
            keeps_version=self.keeps_version,
        )

    def _typed_columns(self) -> tuple[Column, ...]:
        """The columns of a model that takes them as such; an engine may take arrays alone."""
        if self.engine.row_message is None:
            refuse_columns(self.manifest.inputs, self.signature.features)
            return ()
        return typed_columns(self.manifest)

    def _version(self, graph: Callable[[], Graph], columns: tuple[Column, ...]) -> Version:
        """What the engine needs to know to make the version's functions."""
        methods = [(Sql("score"), self.returns)]
        if self.signature.labels:
            methods.append((Sql("label"), Sql("pg_catalog.text")))
        inputs = self.manifest.inputs
        messages = set() if has_own_columns(inputs) else {len(inputs)}
        window = self.signature.window
        return Version(
            self.plan,
            graph,
            self.signature,
            self.model,
            inputs,
            tuple(methods),
            tuple(sorted(messages | ({1} if columns else set()))),
            has_windows=window is not None,
            forecasts=window is not None and bool(window.targets),
            is_kept=self.keeps_version and self.engine.keeps,
        )

    def compile(self) -> Script:
        """Statements in order; see the methods."""
        self._prepare()
        self._registry_schema()
        self._add("schema", "schema", model=self.model)
        self._check_owners()
        self._registry_parts()
        of_shared = self._missing_variables()
        if not self.release.is_promoted:
            of_it = {"model": self.model, "version": self.plan.version}
            self._add("check the champion", "require_champion", **of_it)
        if self.release.is_repair:
            of_it = {"model": self.model, "version": self.plan.version}
            self._add("check that it is the champion still", "require_unmoved", **of_it)
        self._rows()
        self._functions()
        self._clear_forms()
        if self.release.is_promoted:
            self._aliases()
        self._finish()
        statements = tuple(self._make_room())
        advice = INSTALLED_BEFORE
        if self.engine_folder == PGVECTOR.name:
            advice = DEPLOYED_BEFORE.format(PGVECTOR.title, "vector", PGVECTOR.name)
        return Script(
            self.model,
            self.plan.version,
            statements,
            made=tuple(self.made),
            calls=self.calls() if self.release.is_promoted else (),
            labels=self.signature.labels,
            threshold=self.signature.threshold,
            summary=self._summary(
                self._makes_shared(),
                (*self.rights, *(WHERE_INSTALLED if self.has_policies else ())),
            ),
            own_summary=self._summary(CHECKS_SHARED, OWN_RIGHTS),
            said=(*self._said(), *self._granted()),
            missing=self._render("missing_parts", of_shared),
            check=Statement(
                "the registry is there",
                self._render("check_registry", {**of_shared, "hint": advice}),
            ),
            advice=advice,
        )

    def switch(
        self, alias: str = "", action: str = "", whole: Collection[tuple[str, str]] = ()
    ) -> tuple[Statement, ...]:
        """What makes the functions of an alias, or without one the champion's, belong to this
        version, whose own functions are there: to run in a transaction that locked the registry and
        found that nothing is in the hands of others. Functions that are whole, by key and digest,
        are left as they are: each that is written is compiled again in every session."""
        self.statements, self.made, self.objects = [], [], []
        if not alias:
            self._comment()
        self._aliases(alias, whole)
        of_it = {"model": self.model, "version": self.plan.version}
        self._remember()
        if alias:
            self._add("switch the alias", "set_alias", alias=alias, **of_it)
        else:
            self._journal_switch(action)
            self._add("switch to this version", "switch", **of_it)
        self._grants()
        self._sign()
        verify = replace(self.interface, alias=alias).named("verify")
        self._add("prove it: score the samples", "prove", model=self.model, function=verify)
        return tuple(self.statements)

    def own_functions(self) -> tuple[Made, ...]:
        """The version's own functions, as they should be there."""
        self.statements, self.made, self.objects = [], [], []
        self._functions()
        return tuple(self.made)

    def calls(self, alias: str = "") -> tuple[Call, ...]:
        """Functions that users call, of the champion or of an alias."""
        made = self._user_functions(replace(self.interface, alias=alias))
        return tuple(item.call(self.model) for item in made)

    def _facts(self) -> dict[str, Any]:
        return version_row(
            self.manifest,
            self.plan,
            database=self.database,
            engine=self.engine_name,
            chunks=len(split_block(self.plan.block)),
        )

    def _comment(self) -> None:
        title, row = self.manifest.source.title, digest_row(self._facts())
        summary = f"export-model: {title}, row {row}, version {self.short}"
        self._add("schema: comment", "schema_comment", model=self.model, summary=summary)

    def _rows(self) -> None:
        chunks = split_block(self.plan.block)
        facts = self._facts()
        self._add("model", "insert_model", model=self.model, version=self.plan.version)
        if self.release.is_promoted:  # after the row, which asks whether the schema is new
            self._comment()
        self._add("whose the model is", "own_model", model=self.model)
        self._add("number of versions that are there", "count_versions", model=self.model)
        self._add(
            "remove a row that was altered",
            "clear_rows",
            version=self.plan.version,
            model=self.model,
            runtime=self.runtime.name,
            engine=self.engine_name,
            plan_md5=hashlib.md5(self.plan.text.encode("utf-8"), usedforsecurity=False).hexdigest(),
            chunks=len(chunks),
        )
        policies = {"has_policies": self.has_policies}
        self._add("version", "insert_version", runtime=self.runtime.name, **policies, **facts)
        if self.has_policies:
            it = {"model": self.model, "version": self.plan.version}
            self._add("check that the version is ours", "check_version", **it)
        self._add("number of the version", "count_versions", model=self.model)
        self._add(
            "remove weights and samples that were altered",
            "clear_parts",
            version=self.plan.version,
            chunks=[chunk.sha256 for chunk in chunks],
            is_altered=self.is_altered,
        )
        if not self.release.is_promoted:
            because = self.release.because
            of_it = {"model": self.model, "version": self.plan.version, "because": because}
            self._add("journal", "journal_add", **of_it)
        self.statements += self._said()
        of_others = {name: value for name, value in facts.items() if name != "plan"}
        self._add("what the version is from", "refresh_version", **of_others)
        if self.plan.tensors:
            self._add(
                "tensors",
                "insert_tensors",
                version=self.plan.version,
                tensors=tensor_rows(self.plan),
            )
        self._weights(chunks)
        for row in range(len(self.samples)):
            self._add(
                f"sample {row + 1} of {len(self.samples)}",
                "insert_sample",
                version=self.plan.version,
                sample=row,
                ports=sample_ports(self.manifest, self.samples, row),
            )

    def _weights(self, chunks: Sequence[Chunk]) -> None:
        """Each chunk is written out only when its statement is needed."""
        for chunk in chunks:
            stored = {
                "number": chunk.number,
                "size": len(chunk.data),
                "sha256": chunk.sha256,
                "data": chunk.data,
            }
            variables = {"version": self.plan.version, "chunk": stored}
            self.statements.append(
                WeightsStatement(
                    f"weights: chunk {chunk.number + 1} of {len(chunks)}",
                    partial(self._render, "insert_chunk", variables),
                    about=describe(self._folders(), "insert_chunk"),
                )
            )

    def _functions(self) -> None:
        """The version's own functions, as the engine makes them."""
        if len(self.manifest.outputs) > 1:
            self._outputs_type()
        for function in (*self.engine.functions(self.version), *kept_batches(self.interface)):
            self._make_function(function)
            self.objects.append(("function", function.identity, function.returns))

    def _clear_forms(self) -> None:
        """The version may be there by another engine, or in another form of this one."""
        if not self.has_forms:
            return
        kept = [str(identity) for kind, identity, _ in self.objects if kind == "function"]
        self._add(
            "remove what other engines made of the version",
            "clear_forms",
            model=self.model,
            short=self.short,
            kept=kept,
            table=self.version.name("weights"),
            has_table=self.engine_name == PGVECTOR_TABLE.name,
        )

    def _outputs_type(self) -> None:
        self._add(
            "type of the outputs",
            "outputs_type",
            model=self.model,
            type=outputs_name(self.manifest.outputs),
            identity=self.returns,
            outputs=[{"name": p.name, "sql_type": sql_type(p)} for p in self.manifest.outputs],
        )
        self.objects.append(("type", self.returns, ""))

    def _said(self) -> list[Statement]:
        """What was said about the version, and who may score; true of one that is there too."""
        said, release = [], self.release
        facts = (release.metrics_json, release.because)
        if any(fact is not None for fact in facts):
            of_release = dict(zip(("metrics", "because"), facts, strict=True))
            of_it = {"version": self.plan.version, **of_release}
            said.append(Statement("what was said before", self._render("journal_said", of_it)))
            sql = self._render("release_version", of_it)
            said.append(Statement("what is said about the version", sql))
        if release.grants:
            grants = {"model": self.model, "grantees": list(release.grants)}
            sql = self._render("check_grantees", grants)
            said.append(Statement("check who is to score", sql))
            sql = self._render("insert_grants", grants)
            said.append(Statement("remember who may score", sql))
        return said

    def _user_functions(self, interface: Interface) -> list[Alias]:
        """All that users call, of the champion or of an alias."""
        return [
            *row_aliases(interface),
            *self._batch_aliases(interface),
            *(chosen_aliases(interface) if self.has_tables else ()),
            verify_alias(interface, self.has_tables),
        ]

    def _aliases(self, alias: str = "", whole: Collection[tuple[str, str]] = ()) -> None:
        kind = alias_kind(alias)
        made = self._user_functions(replace(self.interface, alias=alias))
        calls = [item.call(self.model) for item in made]
        of_kind = {"model": self.model, "kind": kind, "aliases": calls}
        self._add(OUTDATED, "drop_outdated", **of_kind)
        for item in made:
            self._make_alias(item)
            self.objects.append((kind, item.identity(self.model), item.header))
            if (self.made[-1].key, self.made[-1].digest) in whole:
                del self.statements[-1], self.made[-1]
        self.user_functions = list(dict.fromkeys(item.function for item in made))

    def _make_alias(self, item: Alias) -> None:
        name = f"{item.function}({counted(len(item.parameters), 'parameter')})"
        identity = item.identity(self.model)
        sql = self._render(item.template, {"model": self.model, **item.variables})
        if item.same:
            names = {
                "parameters": item.parameters,
                "replaced": identity,
                "same": f"^({item.same})$",
            }
            sql = self._render("keep_names", {"statement": sql, **names})
        about = describe(self._folders(), item.template)
        self.statements.append(Statement(name, sql, about=about))
        self._remember_made(identity)

    def _batch_aliases(self, interface: Interface) -> list[Alias]:
        """See batch_aliases; a database may have fewer or more."""
        return batch_aliases(interface)

    def _finish(self) -> None:
        self._remember()
        if self.release.is_promoted:
            self._journal_switch("deploy")
            of_it = {"model": self.model, "version": self.plan.version}
            self._add("switch to this version", "switch", **of_it)
        self._grants()
        self._sign()
        self._check_owners()
        if self.release.is_promoted:
            self._add("prove it: score the samples", "prove", model=self.model, function="verify")
        else:
            self._prove_apart()

    def _prove_apart(self) -> None:
        """Prove a version that no function of users belongs to, by such functions of its own, which
        are made for that and removed again."""
        interface = replace(self.interface, alias=f"of_{self.short}")
        made = self._user_functions(interface)
        for item in made:
            self._add(f"{item.function}", item.template, model=self.model, **item.variables)
        verify = interface.named("verify")
        self._add("prove it: score the samples", "prove", model=self.model, function=verify)
        identities = [item.identity(self.model) for item in reversed(made)]
        self._add("remove what proved it", "drop_functions", identities=identities)

    def _remember(self) -> None:
        objects = [{"kind": k, "identity": i, "header": h} for k, i, h in self.objects]
        self._add("remember what was made", "insert_objects", model=self.model, objects=objects)

    def _journal_switch(self, action: str) -> None:
        self._add(
            "journal",
            "journal_switch",
            model=self.model,
            version=self.plan.version,
            action=action,
            because=self.release.because,
        )

    def _granted(self) -> list[Statement]:
        """What gives those rights that were granted now, where nothing else is done."""
        if not self.release.grants:
            return []
        sql = self._render("apply_grants", {"model": self.model})
        return [Statement("rights of those who were granted it", sql)]

    def _grants(self) -> None:
        self._add("rights of those who were granted it", "apply_grants", model=self.model)

    def _summary(self, shared: Sequence[str], rights: Sequence[str]) -> tuple[str, ...]:
        """What a DBA wants to know before running the file; shared is what it does about what all
        models share, rights what who runs it needs."""
        calls = ", ".join(self.user_functions)
        return (
            "",
            f"Made from {self.manifest.source.title}:"
            f" {counted(self.manifest.parameters, 'parameter')},"
            f" {len(self.plan.block) / 1024:,.1f} KB of weights.",
            f"It makes schema {ident(self.model)} with the functions {calls};",
            *shared,
            f"It reads no table of yours and ends by scoring {len(self.samples)} sample rows.",
            *rights,
            *self.needs,
            f"Who scores needs: grant usage on schema {ident(self.model)} to ...",
            f"It is removed by: select {REGISTRY}.drop_model({literal(self.model)})",
        )

    def _makes_shared(self) -> tuple[str, ...]:
        """What a script says that brings along what all models share."""
        shared = sum(made.identity.startswith(f"{REGISTRY}.") for made in self.made)
        return (
            f"and, where it is not there yet, schema {REGISTRY} with {len(TABLES)} tables, a view",
            f"and {counted(shared, 'function')} that all models share: most of this file,"
            f" for any model.",
        )
