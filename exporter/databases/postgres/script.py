"""PostgreSQL 12 and later: a manifest becomes the deployment script."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from types import MappingProxyType
from typing import Any

from exporter.databases.postgres.columns import (
    TYPES,
    check_columns,
    has_own_columns,
    sample_texts,
    sample_values,
    typed_columns,
)
from exporter.databases.postgres.helpers import CALLER_HELPERS, OWNER_HELPERS, WINDOW_HELPERS
from exporter.databases.postgres.windows import (
    FORECAST_TYPES,
    INTO_TYPES,
    WINDOW_TYPES,
    SampleRows,
    count_outputs,
    describe_forecasts,
    describe_rows,
    forecast_parameters,
    free_names,
    into_parameters,
    sample_forecast,
    sample_rows,
    window_parameters,
)
from exporter.engines.engine import Engine
from exporter.engines.pgvector.record import PGVECTOR
from exporter.engines.plpython.record import PLPYTHON
from exporter.engines.statements import REGISTRY, SHORT, Function, Statements, Version
from exporter.errors import SignatureError
from exporter.ir.columns import Column
from exporter.ir.graph import Port, count_numbers, format_shape
from exporter.ir.signature import refuse_columns
from exporter.manifest import Manifest
from exporter.resources import folder
from exporter.samples import Array, Samples, split_block
from exporter.sql.script import Made, Script, Statement, WeightsStatement
from exporter.sql.templates import Spelling, render
from exporter.sql.text import Sql, comma, ident, literal, number

MAX_ARGUMENTS = 100  # FUNC_MAX_ARGS of an unmodified server
ENGINES: tuple[Engine[Statements], ...] = (PLPYTHON, PGVECTOR)
"""Those whose models a registry may hold."""
REGISTRY_FORMAT = 2  # what a deployment makes, and moves older ones to
REGISTRY_COMMENT = f"export-model registry, format {REGISTRY_FORMAT}"

ROW = (
    "version", "model", "database", "engine", "graph_digest", "source_file", "source_sha256",
    "format", "format_version", "parameters", "inputs", "outputs", "features", "labels",
    "threshold", "plan", "manifest", "weight_bytes", "chunks", "expected_by", "tolerance",
    "exporter_version",
)  # fmt: skip
"""Columns of export_model.versions that stay as they were made."""

# Of helpers whose name is that of what a model has.
OWN_TEMPLATES = {
    "score_into": "score_into_helper",
    "score_windows_into": "score_windows_into_helper",
}
RESERVED_NAMES = ("information_schema", "public")


@dataclass(frozen=True)
class Call:
    """One way to hand a row over: parameters, and the messages made of them as the engine takes
    them; packed are the same as they stand in batches."""

    parameters: tuple[Sql, ...]
    types: tuple[Sql, ...]
    messages: tuple[Sql, ...]
    packed: tuple[Sql, ...]


@dataclass(frozen=True)
class Alias:
    """A function that users call; a deployment replaces it by one for its version.

    variables are what its template takes beyond the model's name.
    """

    function: str
    parameters: tuple[Sql, ...]
    types: tuple[Sql, ...]
    returns: Sql
    template: str
    variables: dict[str, Any]

    def identity(self, model: str) -> Sql:
        """As drop function takes it."""
        return _function(model, self.function, comma(self.types))

    @property
    def header(self) -> Sql:
        """Parameters and result; a function whose header changes must be dropped first."""
        return Sql("({}) returns {}").format(comma(self.parameters), self.returns)


def compile_script(
    manifest: Manifest,
    block: bytes,
    samples: Samples,
    *,
    engine: Engine[Statements] = PLPYTHON,
) -> Script:
    """All statements that deploy a version with its weights under its name.

    Raises: UnsupportedError, for ops that the engine lacks; SqlTextError or SignatureError, when a
    name cannot be used in PostgreSQL.
    """
    check_names(manifest)
    return Compiler(manifest, block, samples, engine).compile()


def acting_role() -> Sql:
    """SQL that names the role whose rights a statement runs with."""
    return render(("postgres",), "acting_role", {})


def digest_row(row: Mapping[str, Any]) -> str:
    """A digest of the columns ROW of a version's row, which stands beside it in the comment of the
    model's schema."""
    text = json.dumps([row[column] for column in ROW])
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:SHORT]


class Compiler:
    """Collects the statements of one deployment.

    database is the name that --target has for it. templates: the folders of sql_templates to look
    in, in this order, each in the engine's folder before. helpers: functions of the registry for
    those who score whole tables, with these settings and guards where their templates have a place
    for them. storage: clauses of the registry's tables. server: what check_server needs to know.
    """

    database = "postgres"
    templates: tuple[str, ...] = ("postgres",)
    spelling: Spelling = ()
    helpers: Mapping[str, Sql] = MappingProxyType({**CALLER_HELPERS, **WINDOW_HELPERS})
    settings: tuple[Sql, ...] = ()
    guards: tuple[Sql, ...] = ()
    storage: tuple[Sql, ...] = ()
    server: Mapping[str, Any] = MappingProxyType({})
    has_tables = True  # score_table and the like
    is_network = False  # lengths of texts in memory begin with the highest byte, on any machine
    is_altered = Sql("encode(sha256(data), 'hex') <> sha256")

    def __init__(
        self, manifest: Manifest, block: bytes, samples: Samples, engine: Engine[Statements]
    ) -> None:
        graph = cache(partial(manifest.restore_graph, block))
        if engine.lacks:
            engine.require_ops(graph())
        self.manifest = manifest
        self.engine_name = engine.name
        self.rights = engine.rights
        self.engine = engine.making
        self.plan = manifest.restore_plan(block)
        self.signature = manifest.signature
        self.samples = samples
        self.model = manifest.name
        self.short = manifest.version[:SHORT]
        self.statements: list[Statement] = []
        self.objects: list[tuple[str, Sql, str]] = []
        self.made: list[Made] = []
        self.user_functions: list[str] = []
        self.returns = self._score_type()
        methods = tuple(self._methods())
        self.columns = self._typed_columns()
        self.version = Version(
            self.plan,
            graph,
            self.signature,
            self.model,
            manifest.inputs,
            methods,
            self._message_counts(),
            has_windows=self.signature.window is not None,
            forecasts=self.signature.window is not None and bool(self.signature.window.targets),
        )
        self.runtime = self.engine.runtime()

    def _typed_columns(self) -> tuple[Column, ...]:
        """The columns of a model that takes them as such; an engine may take arrays alone."""
        if self.engine.row_message is None:
            refuse_columns(self.manifest.inputs, self.signature.features)
            return ()
        return typed_columns(self.manifest)

    def _message_counts(self) -> tuple[int, ...]:
        counts = set() if has_own_columns(self.manifest.inputs) else {len(self.manifest.inputs)}
        return tuple(sorted(counts | ({1} if self.columns else set())))

    def compile(self) -> Script:
        """Statements in order; see the methods."""
        self._prepare()
        self._registry()
        self._rows()
        self._functions()
        self._aliases()
        self._finish()
        statements = tuple(self._make_room())
        return Script(
            self.model,
            self.plan.version,
            statements,
            made=tuple(self.made),
            summary=self._summary(),
        )

    def _make_room(self) -> Iterator[Statement]:
        """All statements; what is in the way of functions is removed before the first of them."""
        for statement in self.statements:
            if statement.name == self.runtime.function.name:
                schemas = [REGISTRY, self.model]
                variables = {
                    "model": self.model,
                    "schemas": schemas,
                    "made": self._made_items(),
                }
                sql = self._render("make_room", variables)
                yield Statement("remove functions that were altered", sql)
            yield statement

    def _made_items(self) -> list[dict[str, str]]:
        return [{"identity": made.identity, "digest": made.digest} for made in self.made]

    def _add(self, name: str, template: str, **variables: Any) -> None:
        self.statements.append(Statement(name, self._render(template, variables)))

    def _make(self, name: str, template: str, identity: Sql, **variables: Any) -> None:
        """The same for a function, which is compared later with what is there."""
        self._add(name, template, **variables)
        sql = self.statements[-1].sql
        digest = hashlib.sha256(sql.encode("utf-8")).hexdigest()[:SHORT]
        self.made.append(Made(identity, digest))

    def _render(self, template: str, variables: dict[str, Any]) -> Sql:
        folders = (*(f"{self.engine_name}/{folder}" for folder in self.templates), *self.templates)
        return render(folders, template, variables, spelling=self.spelling)

    def _prepare(self) -> None:
        self._add("settings of this transaction", "settings")
        self._add("check the server", "check_server", **self.server)
        self._add("wait for other deployments", "lock")
        self._check_owners()
        self._add("names", "restore_names", model=self.model, short=self.short)
        for check in self.engine.checks:
            self._add(check.name, check.template, **check.variables)
        self._add(
            "check what a deployment needs",
            "preflight",
            model=self.model,
            newest=REGISTRY_FORMAT,
            database=self.database,
        )

    def _check_owners(self) -> None:
        """Before anything of the registry's or the model's runs, and again when both are there."""
        schemas = [REGISTRY, self.model]
        role = acting_role()
        name = "check that nothing belongs to others"
        self._add(name, "check_owners", schemas=schemas, acting_role=role)

    def _registry(self) -> None:
        self._add("registry: schema", "registry_schema", registry_format=REGISTRY_COMMENT)
        self._add("schema", "schema", model=self.model)
        self._check_owners()
        for part in ("models", "versions", "tensors", "chunks", "samples"):
            self._add(f"registry: {part}", f"registry_{part}", storage=self.storage)
        self._add("registry: objects", "registry_objects", storage=self.storage)
        self._add(
            "registry: bring it to this format",
            "move_registry",
            registry_format=REGISTRY_COMMENT,
            database=self.database,
            engine=PLPYTHON.name,  # format 1 knew no other
        )
        self._add("registry: overview", "registry_overview")
        self._add("registry: rights", "registry_protect")
        self._make_function(self.runtime.function)
        owners = {**self.engine.owner_helpers, **OWNER_HELPERS}
        callers = self._caller_helpers()
        for helper, identity in {**owners, **callers}.items():
            template = OWN_TEMPLATES.get(helper, helper)
            of_drop = {"schema": REGISTRY, "helpers": self._every_helper()}
            of_helper = {"settings": self.settings, "guards": self.guards}
            variables: dict[str, Any] = of_drop if helper == "drop_model" else of_helper
            self._make(f"registry: {helper}", template, identity, **variables)
        closed = list(owners.values())
        self._add("registry: rights of helpers", "helpers_protect", closed=closed, helpers=callers)

    def _every_helper(self) -> list[str]:
        """Names of all that a registry may hold for this database, whatever runs its models."""
        names = [*OWNER_HELPERS, *self.helpers]
        for making in (*(engine.making for engine in ENGINES), self.engine):
            names += [*making.owner_helpers, *making.helpers]
        return list(dict.fromkeys(names))

    def _caller_helpers(self) -> dict[str, Sql]:
        """Those of the database, for models that score whole tables, and those of the engine."""
        own = self.helpers if self.engine.packs_rows else {}
        return {**own, **self.engine.helpers}

    def _rows(self) -> None:
        chunks = split_block(self.plan.block)
        facts = self._version_row(len(chunks))
        title = self.manifest.source.title
        self._add(
            "schema: comment",
            "schema_comment",
            model=self.model,
            summary=f"export-model: {title}, row {digest_row(facts)}, version {self.short}",
        )
        self._add(
            "remove rows that were altered",
            "clear_rows",
            version=self.plan.version,
            model=self.model,
            runtime=self.runtime.name,
            engine=self.engine_name,
            plan_md5=hashlib.md5(self.plan.text.encode("utf-8"), usedforsecurity=False).hexdigest(),
            chunks=len(chunks),
            tensors=len(self.plan.tensors),
            is_altered=self.is_altered,
        )
        self._add("model", "insert_model", model=self.model, version=self.plan.version)
        self._add("version", "insert_version", runtime=self.runtime.name, **facts)
        of_others = {name: value for name, value in facts.items() if name != "plan"}
        self._add("what the version is from", "refresh_version", **of_others)
        if self.plan.tensors:
            self._add(
                "tensors", "insert_tensors", version=self.plan.version, tensors=self._tensors()
            )
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
        for row in range(len(self.samples)):
            self._add(
                f"sample {row + 1} of {len(self.samples)}",
                "insert_sample",
                version=self.plan.version,
                sample=row,
                ports=self._sample_ports(row),
            )

    def _version_row(self, chunks: int) -> dict[str, Any]:
        """What the registry holds of the version in one row, but for what a later program may
        change, and who deployed it when."""
        source = self.manifest.source
        return {
            "version": self.plan.version,
            "model": self.model,
            "database": self.database,
            "engine": self.engine_name,
            "graph_digest": self.manifest.graph_digest,
            "source_file": source.file_name,
            "source_sha256": source.sha256,
            "format": source.format,
            "format_version": source.format_version,
            "parameters": self.manifest.parameters,
            "inputs": _describe(self.manifest.inputs),
            "outputs": _describe(self.manifest.outputs),
            "features": list(self.signature.features),
            "labels": list(self.signature.labels),
            "threshold": self.signature.threshold,
            "plan": self.plan.text,
            "manifest": self.manifest.to_json(),
            "weight_bytes": len(self.plan.block),
            "chunks": chunks,
            "expected_by": self.manifest.expected_by,
            "tolerance": self.manifest.tolerance,
            "exporter_version": self.manifest.exporter,
        }

    def _functions(self) -> None:
        """The version's own functions, as the engine makes them."""
        if len(self.manifest.outputs) > 1:
            self._outputs_type()
        for function in self.engine.functions(self.version):
            self._make_function(function)
            self.objects.append(("function", function.identity, function.returns))

    def _make_function(self, function: Function) -> None:
        """A function of the engine, and who may call it."""
        self._make(function.name, function.template, function.identity, **function.variables)
        rights = "function_rights" if function.is_open else "function_protect"
        self._add(f"{function.name}: rights", rights, identity=function.identity)

    def _aliases(self) -> None:
        aliases = [*self._row_aliases(), *self._batch_aliases(), self._verify_alias()]
        entries = [
            {"identity": alias.identity(self.model), "header": alias.header} for alias in aliases
        ]
        self._add("remove outdated functions", "drop_outdated", model=self.model, aliases=entries)
        for alias in aliases:
            self._make(
                f"{alias.function}({len(alias.parameters)} parameters)",
                alias.template,
                alias.identity(self.model),
                model=self.model,
                **alias.variables,
            )
            self.objects.append(("alias", alias.identity(self.model), alias.header))
        self.user_functions = list(dict.fromkeys(alias.function for alias in aliases))

    def _row_aliases(self) -> list[Alias]:
        """score and label of one row, and pack for batches, for each way to hand a row over."""
        calls = self._calls()
        aliases = [
            Alias(
                method,
                call.parameters,
                call.types,
                returns,
                "alias",
                {
                    "function": method,
                    "target": self.version.name(method),
                    "parameters": call.parameters,
                    "messages": call.messages,
                    "returns": returns,
                },
            )
            for method, returns in self._methods()
            for call in calls
        ]
        if not self.engine.packs_rows:
            return aliases
        for call in calls:
            variables = {"parameters": call.parameters, "messages": call.packed}
            returns = Sql("bytea")
            aliases.append(Alias("pack", call.parameters, call.types, returns, "pack", variables))
        return aliases

    def _batch_aliases(self) -> list[Alias]:
        """Functions that score what was gathered, or a whole table, where the engine can."""
        if not self.engine.packs_rows:
            return []
        aliases = [self._scorer_alias()]
        for method, returns in self._methods():
            is_number = returns in ("real", "double precision", "pg_catalog.text")
            shared = {"column": method, "returns": returns}
            of_batch = shared | {
                "function": f"{method}_batch",
                "target": self.version.name("batch"),
                "texts": Sql("{}s").format(method),
                "element": returns if is_number else Sql("pg_catalog.text"),
            }
            aliases.append(
                Alias(
                    f"{method}_batch",
                    (Sql("keys anyarray"), Sql("rows bytea")),
                    (Sql("anyarray"), Sql("bytea")),
                    Sql("table (key anyelement, {} {})").format(ident(method), returns),
                    "score_batch",
                    of_batch,
                )
            )
            aliases.append(
                Alias(
                    f"{method}_table",
                    (Sql("source text"), Sql("key_column text")),
                    (Sql("text"), Sql("text")),
                    Sql("table (key text, {} {})").format(ident(method), returns),
                    "score_table",
                    shared | {"function": f"{method}_table"},
                )
            )
        parameters = (Sql("source text"), Sql("key_column text"), Sql("target text"))
        types = (Sql("text"), Sql("text"), Sql("text"))
        aliases.append(Alias("score_into", parameters, types, Sql("nothing"), "score_into", {}))
        return [*aliases, *self._window_aliases()]

    def _window_aliases(self) -> list[Alias]:
        """Functions that score windows over the rows of a source, for a model that takes such. The
        key is one parameter for the column's name and for what comes back."""
        if self.signature.window is None:
            return []
        kind, types = Sql("setof record"), tuple(map(Sql, WINDOW_TYPES))
        aliases = []
        for method, returns in self._methods():
            parameters = window_parameters(method, returns)
            variables = {"column": method, "returns": returns, "parameters": parameters}
            name = f"{method}_windows"
            of_method = variables | {"function": name}
            aliases.append(Alias(name, parameters, types, kind, "score_windows", of_method))
        parameters, types = into_parameters(), tuple(map(Sql, INTO_TYPES))
        name = "score_windows_into"
        variables = {"parameters": parameters}
        aliases.append(Alias(name, parameters, types, Sql("nothing"), name, variables))
        if self.signature.window.targets:
            aliases.append(self._forecast_alias())
        return aliases

    def _forecast_alias(self) -> Alias:
        """Forecasts of all series, in double precision: they are numbers of the table again."""
        is_number = count_outputs(self.manifest.outputs) == 1
        returns = Sql("double precision") if is_number else Sql("double precision[]")
        variables = {"parameters": forecast_parameters(), "returns": returns}
        kind = Sql("table (series text, step integer, forecast {})").format(returns)
        types = tuple(map(Sql, FORECAST_TYPES))
        return Alias("forecast", forecast_parameters(), types, kind, "forecast", variables)

    def _scorer_alias(self) -> Alias:
        """Tells what reads whole tables which columns to take and what to call."""
        batch = Sql("{}.{}").format(ident(self.model), ident(self.version.name("batch")))
        features = self.signature.features
        inputs: list[dict[str, Any]] = [
            {
                "columns": list(features) or [port.name],
                "is_array": not features,
                "is_text": port.is_text,
            }
            for port in self.manifest.inputs
        ]
        if self.columns:
            kinds = [column.kind for column in self.columns]
            inputs = [{"columns": list(features), "kinds": kinds}]
        if self.engine.packer is not None:
            inputs[0]["packer"] = self._packer()
        scorer: dict[str, Any] = {
            "batch": batch,
            "version": self.short,
            "score_type": str(self.returns),
            "inputs": inputs,
        }
        if self.signature.window is not None:
            windows = Sql("{}.{}").format(ident(self.model), ident(self.version.name("windows")))
            scorer |= {
                "model": self.model,
                "windows": windows,
                "length": self.signature.window.length,
                **describe_forecasts(self.signature.window, self.manifest.outputs),
                "rows": describe_rows(self.manifest.inputs, self.signature.window),
            }
            if self.signature.window.targets:
                forecasts = self.version.name("forecasts")
                scorer["forecasts"] = Sql("{}.{}").format(ident(self.model), ident(forecasts))
        variables = {"scorer": json.dumps(scorer)}
        return Alias("scorer", (), (), Sql("jsonb"), "scorer", variables)

    def _packer(self) -> Sql:
        """The function of an engine that packs rows itself."""
        return Sql("{}.{}").format(
            ident(self.model), ident(self.version.name(self.engine.packer or ""))
        )

    def _packed(self, messages: Sequence[Sql], ports: Sequence[Port] = ()) -> tuple[Sql, ...]:
        """A row as it stands in batches; ports are those that the messages are of, if of ports."""
        if self.engine.packer is not None:
            return (Sql("{}({})").format(self._packer(), comma(messages)),)
        if not ports:
            return tuple(messages)
        return tuple(_packed(m, port) for m, port in zip(messages, ports, strict=True))

    def _verify_alias(self) -> Alias:
        query, key = self._samples_query()
        rows, window = self._sample_rows(), self.signature.window
        forecast = None
        if rows is not None and window is not None:
            forecast = sample_forecast(rows, window, self.manifest.outputs, self.returns)
        variables = {
            "version": self.plan.version,
            "target": self.version.name("score"),
            "inputs": self._verified_inputs(),
            "forms": self._verified_forms(),
            "packed": self._verified_pack(Sql("g.input_{}")),
            "packed_given": self._verified_pack(Sql("l_given_{}")),
            "outputs": self._verified_outputs(),
            "numbers_type": self._verified_type(),
            "tolerance": self.manifest.tolerance,
            "returns": self.returns,
            "methods": [method for method, _ in self._methods()],
            "table_query": query,
            "key": key,
            "window_rows": rows,
            "forecast": forecast,
            "has_batches": self.engine.packs_rows,
            "has_tables": self.has_tables and self.engine.packs_rows,
        }
        # Registries know the table of real by this name.
        kind = Sql("table with form")
        if any(port.dtype == "float64" for port in self.manifest.outputs):
            kind = Sql("table of {} with form").format(self._verified_type())
        return Alias("verify", (), (), kind, "verify", variables)

    def _verified_inputs(self) -> list[dict[str, Any]]:
        """What is stored of a sample row: an array for each input, or the columns as texts."""
        ports = self.manifest.inputs
        if has_own_columns(ports):
            message = self._columns_message(sample_values(self.columns, Sql("i.texts")))
            stored = [(Sql("text"), Sql("texts"), message)]
        else:
            columns = [_column(port) for port in ports]
            stored = [
                (
                    _element_type(port),
                    column,
                    self.engine.message(Sql("i.{}").format(column), port),
                )
                for port, column in zip(ports, columns, strict=True)
            ]
        return [
            {
                "number": place,
                "argument": Sql("input_{}").format(number(place)),
                "type": type_,
                "column": column,
                "message": message,
            }
            for place, (type_, column, message) in enumerate(stored)
        ]

    def _given_columns(self, arrays: Sequence[Sql]) -> list[Sql]:
        """SQL of each column of a sample row, from the arrays that hold its inputs."""
        ports = self.manifest.inputs
        if has_own_columns(ports):
            return sample_values(self.columns, arrays[0])
        if not self.signature.features:
            return []
        return [
            Sql("{}[{}]").format(array, number(n))
            for array, port in zip(arrays, ports, strict=True)
            for n in range(1, (count_numbers(port.shape) or 0) + 1)
        ]

    def _verified_forms(self) -> list[dict[str, Any]]:
        """The ways to score a sample row g: the end of the function's name, and its arguments."""
        arrays = self._given(Sql("g.input_{}"))
        columns = self._given_columns(arrays)
        forms = []
        if not has_own_columns(self.manifest.inputs):
            forms.append({"name": "of a row", "suffix": "", "arguments": arrays})
        if 0 < len(columns) <= MAX_ARGUMENTS:
            forms.append({"name": "of columns", "suffix": "", "arguments": columns})
        if not forms:
            message = self._columns_message(columns)
            forms = [{"name": "of a row", "suffix": f"_{self.short}", "arguments": [message]}]
        return forms

    def _verified_pack(self, argument: Sql) -> Sql:
        """SQL that packs a sample row; argument is what holds each stored array, by its number."""
        arrays = self._given(argument)
        if has_own_columns(self.manifest.inputs):
            (packed,) = self._packed([self._columns_message(self._given_columns(arrays))])
            return packed
        return Sql("{}.pack({})").format(ident(self.model), comma(arrays))

    def _given(self, argument: Sql) -> list[Sql]:
        """What holds each array that is stored of a sample row."""
        count = 1 if has_own_columns(self.manifest.inputs) else len(self.manifest.inputs)
        return [argument.format(number(place)) for place in range(count)]

    def _samples_query(self) -> tuple[Sql, str]:
        """A query that gives the samples as a table of the model's own columns, and its key."""
        features = self.signature.features
        names = list(features) or [port.name for port in self.manifest.inputs]
        (key,) = free_names(["sample"], names)
        arrays = []
        for item in self._verified_inputs():
            array = Sql("s.{}").format(item["column"])
            if item["number"]:
                array = Sql(
                    "(select i.{} from export_model.samples i where i.version = s.version"
                    " and i.sample = s.sample and not i.is_output and i.port = {})"
                ).format(item["column"], number(item["number"]))
            arrays.append(array)
        values = self._given_columns([Sql("({})").format(array) for array in arrays]) or arrays
        items = comma(
            Sql("{} as {}").format(value, ident(name))
            for value, name in zip(values, names, strict=True)
        )
        query = Sql(
            "select s.sample as {}, {} from export_model.samples s"
            " where s.version = {} and not s.is_output and s.port = 0"
        )
        return query.format(ident(key), items, literal(self.plan.version)), key

    def _sample_rows(self) -> SampleRows | None:
        """The rows of the samples, where these are windows."""
        if self.signature.window is None:
            return None
        arrays = [item["column"] for item in self._verified_inputs()]
        return sample_rows(self.plan.version, self.manifest.inputs, arrays, self.signature.window)

    def _methods(self) -> list[tuple[Sql, Sql]]:
        """score, and label where there are labels, with the type of the result."""
        methods = [(Sql("score"), self.returns)]
        if self.signature.labels:
            methods.append((Sql("label"), Sql("pg_catalog.text")))
        return methods

    def _finish(self) -> None:
        objects = [{"kind": k, "identity": i, "header": h} for k, i, h in self.objects]
        self._add("remember what was made", "insert_objects", model=self.model, objects=objects)
        self._add("switch to this version", "switch", model=self.model, version=self.plan.version)
        self._add(
            "sign what was made",
            "sign",
            schemas=[REGISTRY, self.model],
            made=self._made_items(),
            program=program_digest(),
        )
        self._check_owners()
        self._add("prove it: score the samples", "prove", model=self.model)

    def _summary(self) -> tuple[str, ...]:
        """What a DBA wants to know before running the file."""
        calls = ", ".join(self.user_functions)
        shared = sum(made.identity.startswith(f"{REGISTRY}.") for made in self.made)
        return (
            "",
            f"Made from {self.manifest.source.title}: {self.manifest.parameters:,} parameters,"
            f" {len(self.plan.block) / 1024:,.1f} KB of weights.",
            f"It makes schema {ident(self.model)} with the functions {calls};",
            f"and, where it is not there yet, schema {REGISTRY} with 6 tables, a view and",
            f"{shared} functions that all models share: most of this file, for any model.",
            f"It reads no table of yours and ends by scoring {len(self.samples)} sample rows.",
            *self.rights,
            f"Who scores needs: grant usage on schema {ident(self.model)} to ...",
            f"It is removed by: select {REGISTRY}.drop_model({literal(self.model)})",
        )

    def _calls(self) -> list[Call]:
        """Each way to hand a row over."""
        calls = [] if has_own_columns(self.manifest.inputs) else [self._array_call()]
        if self.signature.features and len(self.signature.features) <= MAX_ARGUMENTS:
            calls.append(self._scalar_call())
        if self.signature.feature_table:
            calls.append(self._row_call())
        return calls

    def _array_call(self) -> Call:
        """score(input real[], ...): one array for each input, text[] where it takes texts."""
        ports = self.manifest.inputs
        messages = [self.engine.message(_parameter(n), port) for n, port in enumerate(ports, 1)]
        return Call(
            tuple(Sql("{} {}[]").format(ident(port.name), _element_type(port)) for port in ports),
            tuple(Sql("{}[]").format(_element_type(port)) for port in ports),
            tuple(messages),
            self._packed(messages, ports),
        )

    def _scalar_call(self) -> Call:
        """score(a double precision, b text, ...): double precision all the way, because a cast to
        real raises an error for numbers below 1e-45."""
        features = self.signature.features
        kinds = [column.kind for column in self.columns] or ["number"] * len(features)
        types = [TYPES[kind] for kind in kinds]
        named = zip(features, types, strict=True)
        message = self._columns_message([_parameter(n) for n in range(1, len(features) + 1)])
        return Call(
            tuple(Sql("{} {}").format(ident(name), type_) for name, type_ in named),
            tuple(types),
            (message,),
            self._packed([message]),
        )

    def _row_call(self) -> Call:
        """score(TABLE): a row of the table, any number of columns."""
        schema, table = self.signature.feature_table or ("", "")
        row_type = Sql("{}.{}").format(ident(schema), ident(table))
        values = [Sql("($1).{}").format(ident(name)) for name in self.signature.features]
        message = self._columns_message(values)
        parameter = Sql("{} {}").format(ident("row"), row_type)
        return Call((parameter,), (row_type,), (message,), self._packed([message]))

    def _columns_message(self, values: Sequence[Sql]) -> Sql:
        """One message for all columns, from the value of each."""
        if self.columns and self.engine.row_message is not None:
            return self.engine.row_message(self.columns, values, self.is_network)
        (port,) = self.manifest.inputs
        type_ = Sql("text") if port.is_text else Sql("double precision")
        items = comma(Sql("{}::{}").format(value, type_) for value in values)
        return self.engine.message(Sql("array[{}]").format(items), port)

    def _score_type(self) -> Sql:
        outputs = self.manifest.outputs
        if len(outputs) == 1:
            return _sql_type(outputs[0])
        return Sql("{}.{}").format(ident(self.model), ident(self._outputs_name()))

    def _outputs_name(self) -> str:
        text = repr([(port.name, str(_sql_type(port))) for port in self.manifest.outputs])
        return "outputs_" + hashlib.sha256(text.encode()).hexdigest()[:8]

    def _outputs_type(self) -> None:
        self._add(
            "type of the outputs",
            "outputs_type",
            model=self.model,
            type=self._outputs_name(),
            identity=self.returns,
            outputs=[{"name": p.name, "sql_type": _sql_type(p)} for p in self.manifest.outputs],
        )
        self.objects.append(("type", self.returns, ""))

    def _tensors(self) -> list[dict[str, Any]]:
        rows = []
        for entry in self.plan.tensors:
            shape = "{" + ",".join(map(str, entry.shape)) + "}"
            rows.append(
                {
                    "name": entry.name,
                    "shape": shape,
                    "offset": entry.offset,
                    "size": math.prod(entry.shape),
                    "sha256": entry.sha256,
                }
            )
        return rows

    def _sample_ports(self, row: int) -> list[dict[str, Any]]:
        """Inputs keep their dimensions only where a length is free and a flat array ambiguous."""
        inputs = self.manifest.inputs
        ports: list[dict[str, Any]] = []
        if has_own_columns(inputs):
            texts = sample_texts(inputs, self.samples.inputs, row)
            none = {"numbers": None, "doubles": None}
            ports = [{"is_output": False, "number": 0, "name": "columns", "texts": texts} | none]
            inputs = ()
        for place, (port, array) in enumerate(zip(inputs, self.samples.inputs, strict=False)):
            values = array[row] if None in port.shape and not port.is_text else array[row].ravel()
            ports.append({"is_output": False, "number": place} | _sample(port, values))
        for place, (port, array) in enumerate(
            zip(self.manifest.outputs, self.samples.outputs, strict=True)
        ):
            ports.append({"is_output": True, "number": place} | _sample(port, array[row].ravel()))
        return ports

    def _verified_type(self) -> Sql:
        """The type in which expected and actual numbers are compared and shown."""
        is_double = any(port.dtype == "float64" for port in self.manifest.outputs)
        return Sql("double precision[]") if is_double else Sql("real[]")

    def _verified_outputs(self) -> list[dict[str, Any]]:
        """For each output the SQL that makes an array of it, from scored.result."""
        single = len(self.manifest.outputs) == 1
        outputs = []
        for place, port in enumerate(self.manifest.outputs):
            value = Sql("scored.result")
            if not single:
                value = Sql("({}).{}").format(value, ident(port.name))
            is_number = count_numbers(port.shape) == 1
            form = Sql("array[{}]::{}") if is_number else Sql("{}::{}")
            numbers = form.format(value, self._verified_type())
            outputs.append({"number": place, "name": port.name, "numbers": numbers})
        return outputs


def _sample(port: Port, values: Array) -> dict[str, Any]:
    """What is stored of an input or output: one of numbers, doubles and texts."""
    return {
        "name": port.name,
        "numbers": values if port.dtype == "float32" else None,
        "doubles": values if port.dtype == "float64" else None,
        "texts": values.tolist() if port.is_text else None,
    }


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


def _function(schema: str, name: str, types: Sql) -> Sql:
    """A function with its argument types, as drop function takes it."""
    return Sql("{}.{}({})").format(ident(schema), ident(name), types)


def _parameter(place: int) -> Sql:
    return Sql("${}").format(number(place))


def _element_type(port: Port) -> Sql:
    return Sql("text") if port.is_text else number_type(port)


def number_type(port: Port) -> Sql:
    """The SQL type of one number of an input or output."""
    return Sql("double precision") if port.dtype == "float64" else Sql("real")


def _column(port: Port) -> Sql:
    """Of the registry's samples, where numbers are real, and others are written out as texts."""
    if port.dtype == "float64":
        return Sql("texts::double precision[]")
    return Sql("texts") if port.is_text else Sql("numbers")


def _packed(message: Sql, port: Port) -> Sql:
    """A message that tells where it ends, as rows of a batch need it: JSON holds no zero byte."""
    if port.is_text:
        return Sql("{} operator(pg_catalog.||) E'\\\\x00'::pg_catalog.bytea").format(message)
    return message


def _sql_type(port: Port) -> Sql:
    form = Sql("{}") if count_numbers(port.shape) == 1 else Sql("{}[]")
    return form.format(number_type(port))


def _describe(ports: tuple[Port, ...]) -> str:
    return ", ".join(f"{port.name} ({format_shape(port.shape)})" for port in ports)


def check_names(manifest: Manifest) -> None:
    """Refuse what would fail, or mean something else, inside the server."""
    name, features = manifest.name, manifest.signature.features
    ident(name)
    check_columns(typed_columns(manifest))
    if name == REGISTRY:
        raise SignatureError(
            f'the schema "{REGISTRY}" holds the registry of all models; choose another name for'
            f" this one with --name."
        )
    if name in RESERVED_NAMES or name.startswith("pg_"):
        raise SignatureError(
            f'the name "{name}" belongs to PostgreSQL; choose another with --name.'
        )
    if len(manifest.inputs) > MAX_ARGUMENTS:
        raise SignatureError(
            f"the model has {len(manifest.inputs)} inputs, a function takes {MAX_ARGUMENTS}"
            " arguments."
        )
    for port in (*manifest.inputs, *manifest.outputs):
        ident(port.name)
    for feature in features:
        ident(feature)
