"""PostgreSQL 12 and later: a manifest becomes the deployment script."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache, partial
from types import MappingProxyType
from typing import Any

from exporter.databases.installation import DEPLOYERS
from exporter.databases.postgres.aliases import (
    Alias,
    batch_aliases,
    chosen_aliases,
    kept_batches,
    row_aliases,
)
from exporter.databases.postgres.columns import has_own_columns, typed_columns
from exporter.databases.postgres.helpers import (
    CALLER_HELPERS,
    KEEPING_HELPERS,
    OWNER_HELPERS,
    POLICY_HELPERS,
    WINDOW_HELPERS,
)
from exporter.databases.postgres.interface import Interface
from exporter.databases.postgres.limits import check_names
from exporter.databases.postgres.ports import outputs_name, score_type, sql_type
from exporter.databases.postgres.proof import verify_alias
from exporter.databases.postgres.rows import digest_row, sample_ports, tensor_rows, version_row
from exporter.engines.engine import Engine
from exporter.engines.pgvector.record import PGVECTOR, PGVECTOR_TABLE
from exporter.engines.plpython.record import PLPYTHON
from exporter.engines.statements import REGISTRY, SHORT, Function, Statements, Version
from exporter.ir.columns import Column
from exporter.ir.graph import Graph
from exporter.ir.signature import refuse_columns
from exporter.manifest import Manifest
from exporter.release import Release
from exporter.resources import folder
from exporter.samples import Chunk, Samples, split_block
from exporter.sql.script import Made, Script, Statement, WeightsStatement
from exporter.sql.templates import Spelling, render
from exporter.sql.text import Sql, comma, ident, literal

ENGINES: tuple[Engine[Statements], ...] = (PLPYTHON, PGVECTOR)
"""Those that run models."""
FORMS: tuple[Engine[Statements], ...] = (*ENGINES, PGVECTOR_TABLE)
"""Those that a version's row may name: an engine may have several forms."""
REGISTRY_FORMAT = 3  # what a deployment makes, and moves older ones to
REGISTRY_COMMENT = f"export-model registry, format {REGISTRY_FORMAT}"
TABLES = (
    "models", "versions", "tensors", "chunks", "samples", "objects", "aliases", "journal", "grants",
)  # fmt: skip
NEW_TABLES = {"aliases", "journal", "grants"}  # that registries before format 3 lack

MOVED = "entered when the registry was brought to format 3, by the times of deployment"

NOTHING_SAID = Release()

INSTALLED_BEFORE = (
    "Let a superuser run: export-model install --dsn ... (of this version of export-model)"
)
DEPLOYED_BEFORE = (
    "`install` brings what PL/Python needs. For {} let a superuser run: create extension if not"
    " exists {}; and deploy one model with --engine {} (of this version of export-model): that"
    " brings what it needs, for all deployers."
)

OUTDATED = "remove outdated functions"
"""The step that fails where a view needs a function that the version does not have."""

# Of helpers whose name is that of what a model has.
OWN_TEMPLATES = {
    "score_into": "score_into_helper",
    "score_windows_into": "score_windows_into_helper",
}


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


def compile_registry(group: str | None, engine: Engine[Statements] = PLPYTHON) -> Script:
    """All statements of what models share, after which members of the role group may deploy; of
    none that is named, those of the roles that may already, else of DEPLOYERS; of an empty one,
    those that may already."""
    return SharedCompiler(engine).compile_shared(group)


def acting_role() -> Sql:
    """SQL that names the role whose rights a statement runs with."""
    return render(("postgres",), "acting_role", {})


class SharedCompiler:
    """Collects statements of what all models share: the registry's tables, functions and rights.

    database is the name that --target has for it. templates: the folders of sql_templates to look
    in, in this order, each in the engine's folder before. helpers: functions of the registry for
    those who score whole tables, with these settings and guards where their templates have a place
    for them; policy_helpers those that policies of its tables ask, where has_policies says that
    roles without it may deploy. storage: clauses of the registry's tables. server: what
    check_server needs to know. model is empty where there is none.
    """

    database = "postgres"
    templates: tuple[str, ...] = ("postgres",)
    spelling: Spelling = ()
    helpers: Mapping[str, Sql] = MappingProxyType(
        {**KEEPING_HELPERS, **CALLER_HELPERS, **WINDOW_HELPERS}
    )
    policy_helpers: Mapping[str, Sql] = POLICY_HELPERS
    has_policies = True
    settings: tuple[Sql, ...] = ()
    guards: tuple[Sql, ...] = ()
    storage: tuple[Sql, ...] = ()
    server: Mapping[str, Any] = MappingProxyType({})
    model = ""
    short = ""

    def __init__(self, engine: Engine[Statements]) -> None:
        self.engine_name = engine.name
        self.engine_folder = engine.folder
        self.rights = engine.rights
        self.engine = engine.making
        self.runtime = self.engine.runtime()
        self.statements: list[Statement] = []
        self.made: list[Made] = []

    def compile_shared(self, group: str | None) -> Script:
        """The shared part alone, and the role whose members may deploy."""
        self._prepare()
        self._registry_schema()
        self._check_owners()
        self._registry_parts()
        if self.has_policies:
            self._give_group(group)
        self._add("registry: old runtimes", "drop_runtimes", runtime=self.runtime.name)
        self._sign()
        self._check_owners()
        return Script("", "", tuple(self._make_room()), made=tuple(self.made), target=self.database)

    def _give_group(self, group: str | None) -> None:
        roles = {"group": group or None, "fallback": DEPLOYERS if group is None else None}
        name = "registry: rights of deployers"
        self._add(name, "give_group", **roles, functions=self._for_group())

    def _prepare(self) -> None:
        self._add("settings of this transaction", "settings")
        self._add("check the server", "check_server", **self.server)
        self._add("wait for other deployments", "lock")
        self._check_owners()
        self.statements[-1] = replace(self.statements[-1], is_asked=True)
        self._add("names", "restore_names", model=self.model, short=self.short)
        for check in self.engine.checks:
            if check.is_once:
                with self._sharing():
                    self._add(check.name, check.template, **check.variables)
            else:
                self._add(check.name, check.template, **check.variables)
        self._add(
            "check what a deployment needs",
            "preflight",
            model=self.model,
            newest=REGISTRY_FORMAT,
            database=self.database,
        )

    def _registry_schema(self) -> None:
        with self._sharing():
            self._add("registry: schema", "registry_schema", registry_format=REGISTRY_COMMENT)

    def _registry_parts(self) -> None:
        with self._sharing():
            self._tables()
            self._shared_functions()
            if self.has_policies:
                self._add("registry: who sees which rows", "policies_protect")
                grants = Sql("grant execute on function {} to ").format(comma(self._for_group()))
                self._add("registry: functions of deployers", "give_functions", functions=grants)

    def _tables(self) -> None:
        for table in TABLES:
            self._add(f"registry: {table}", f"registry_{table}", storage=self.storage)
        self._add(
            "registry: bring it to this format",
            "move_registry",
            registry_format=REGISTRY_COMMENT,
            database=self.database,
            engine=PLPYTHON.name,  # format 1 knew no other
            moved=MOVED,
        )
        self._add("registry: overview", "registry_overview")
        self._add("registry: rights", "registry_protect", has_policies=self.has_policies)

    def _shared_functions(self) -> None:
        self._make_function(self.runtime.function)
        closed = self.engine.closed_helpers
        owners = {**self.engine.owner_helpers, **OWNER_HELPERS, **closed}
        callers = self._caller_helpers()
        of_drop = {"schema": REGISTRY, "helpers": self._every_helper()}
        of_helper = {"settings": self.settings, "guards": self.guards}
        for helper, identity in {**owners, **callers}.items():
            template = OWN_TEMPLATES.get(helper, helper)
            variables: dict[str, Any] = of_drop if helper == "drop_model" else of_helper
            self._make(f"registry: {helper}", template, identity, **variables)
        for function in self.engine.shared():
            self._make_function(function)
        identities = list(owners.values())
        self._add(
            "registry: rights of helpers",
            "helpers_protect",
            closed=identities,
            sealed=list(closed.values()),
            helpers=callers,
        )

    def _every_helper(self) -> list[str]:
        """Names of all that a registry may hold for this database, whatever runs its models."""
        names = [*OWNER_HELPERS, *self.helpers, *self.policy_helpers]
        for making in (*(engine.making for engine in ENGINES), self.engine):
            names += making.helper_names()
        return list(dict.fromkeys(names))

    def _caller_helpers(self) -> dict[str, Sql]:
        """Those of the database, for models that score whole tables, and those of the engine."""
        own = self.helpers if self.engine.packs_rows else {}
        return {**own, **self.policy_helpers, **self.engine.helpers}

    def _for_group(self) -> list[Sql]:
        """What deployments of who is neither superuser nor owner call, and models of theirs."""
        functions = [self.runtime.function, *self.engine.shared()]
        return [
            *(function.identity for function in functions),
            *self.engine.owner_helpers.values(),
            *OWNER_HELPERS.values(),
            *self.policy_helpers.values(),
        ]

    def _missing_variables(self) -> dict[str, Any]:
        """What missing_parts needs to know; asked when all of the registry was made."""
        return {
            "made": self._made_items(REGISTRY),
            "program": program_digest(),
            "schemas": [REGISTRY],
            "registry_format": REGISTRY_COMMENT,
            "tables": [*TABLES, "overview"],
            "has_policies": self.has_policies,
            "functions": self._for_group(),
            "wrapper": "",
            "languages": [],
        }

    @contextmanager
    def _sharing(self) -> Iterator[None]:
        """What is added in this block is the same for all models."""
        first = len(self.statements)
        yield
        shared = [replace(statement, is_shared=True) for statement in self.statements[first:]]
        self.statements[first:] = shared

    def _make_function(self, function: Function) -> None:
        """A function of the engine, and who may call it."""
        self._make(function.name, function.template, function.identity, **function.variables)
        rights = "function_rights" if function.is_open else "function_protect"
        self._add(f"{function.name}: rights", rights, identity=function.identity)

    def _check_owners(self) -> None:
        """Before anything of the registry's or the model's runs, and again when both are there."""
        self._add(
            "check that nothing belongs to others",
            "check_owners",
            schemas=self._schemas(),
            acting_role=acting_role(),
            also=[],
            has_policies=self.has_policies,
        )

    def _sign(self) -> None:
        """The registry's functions, where they were made, and the model's."""
        with self._sharing():
            self._sign_in(REGISTRY)
        if self.model:
            self._sign_in(self.model)

    def _sign_in(self, schema: str) -> None:
        made = self._made_items(schema)
        if made:
            of_it = {"schemas": [schema], "made": made, "program": program_digest()}
            self._add("sign what was made", "sign", **of_it)

    def _schemas(self) -> list[str]:
        return [REGISTRY, self.model] if self.model else [REGISTRY]

    def _make_room(self) -> Iterator[Statement]:
        """All statements; what is in the way of functions is removed before the first of them."""
        for statement in self.statements:
            if statement.name == self.runtime.function.name:
                yield replace(self._room_in(REGISTRY), is_shared=True)
                if self.model:
                    yield self._room_in(self.model)
            yield statement

    def _room_in(self, schema: str) -> Statement:
        model = "" if schema == REGISTRY else schema
        of_it = {"model": model, "short": self.short, "made": self._made_items(schema)}
        sql = self._render("make_room", {"schemas": [schema], **of_it})
        return Statement("remove functions that were altered", sql)

    def _made_items(self, schema: str) -> list[dict[str, str]]:
        """Functions that were made in a schema."""
        beginning = Sql("{}.").format(ident(schema))
        plain = f"{schema}."
        return [
            {"identity": made.identity, "digest": made.digest}
            for made in self.made
            if made.identity.startswith((beginning, plain))
        ]

    def _add(self, name: str, template: str, **variables: Any) -> None:
        self.statements.append(Statement(name, self._render(template, variables)))

    def _make(self, name: str, template: str, identity: Sql, **variables: Any) -> None:
        """The same for a function, which is compared later with what is there."""
        self._add(name, template, **variables)
        self._remember_made(identity)

    def _remember_made(self, identity: Sql) -> None:
        """The last statement makes this function."""
        sql = self.statements[-1].sql
        digest = hashlib.sha256(sql.encode("utf-8")).hexdigest()[:SHORT]
        self.made.append(Made(identity, digest))

    def _render(self, template: str, variables: dict[str, Any]) -> Sql:
        own = (f"{self.engine_folder}/{folder}" for folder in self.templates)
        return render((*own, *self.templates), template, variables, spelling=self.spelling)


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
            summary=self._summary(),
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

    def user_functions_of(self, alias: str = "") -> dict[str, Alias]:
        """Functions that users call, by their names with types."""
        made = self._user_functions(replace(self.interface, alias=alias))
        return {item.identity(self.model): item for item in made}

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
        entries = [
            {
                "identity": item.identity(self.model),
                "header": item.header,
                "same": item.same_header,
            }
            for item in made
        ]
        of_kind = {"model": self.model, "kind": kind, "aliases": entries}
        self._add(OUTDATED, "drop_outdated", **of_kind)
        for item in made:
            self._make_alias(item)
            self.objects.append((kind, item.identity(self.model), item.header))
            if (self.made[-1].key, self.made[-1].digest) in whole:
                del self.statements[-1], self.made[-1]
        self.user_functions = list(dict.fromkeys(item.function for item in made))

    def _make_alias(self, item: Alias) -> None:
        name = f"{item.function}({len(item.parameters)} parameters)"
        identity = item.identity(self.model)
        sql = self._render(item.template, {"model": self.model, **item.variables})
        if item.same:
            names = {
                "parameters": item.parameters,
                "replaced": identity,
                "same": f"^({item.same})$",
            }
            sql = self._render("keep_names", {"statement": sql, **names})
        self.statements.append(Statement(name, sql))
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

    def _summary(self) -> tuple[str, ...]:
        """What a DBA wants to know before running the file."""
        calls = ", ".join(self.user_functions)
        shared = sum(made.identity.startswith(f"{REGISTRY}.") for made in self.made)
        return (
            "",
            f"Made from {self.manifest.source.title}: {self.manifest.parameters:,} parameters,"
            f" {len(self.plan.block) / 1024:,.1f} KB of weights.",
            f"It makes schema {ident(self.model)} with the functions {calls};",
            f"and, where it is not there yet, schema {REGISTRY} with {len(TABLES)} tables, a view",
            f"and {shared} functions that all models share: most of this file, for any model.",
            f"It reads no table of yours and ends by scoring {len(self.samples)} sample rows.",
            *self.rights,
            f"Who scores needs: grant usage on schema {ident(self.model)} to ...",
            f"It is removed by: select {REGISTRY}.drop_model({literal(self.model)})",
        )


@cache
def program_digest() -> str:
    """Digest of what functions are made of: templates, and the runtimes by their digests."""
    root = folder("sql_templates")
    runtimes = " ".join(engine.making.runtime().name for engine in ENGINES)
    digest = hashlib.sha256(runtimes.encode("utf-8"))
    for path in sorted(root.rglob("*.sql")):
        if path.parent.name != "oracle":
            digest.update(path.read_bytes())
    return digest.hexdigest()[:SHORT]
