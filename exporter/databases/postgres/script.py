"""PostgreSQL 12 and later with PL/Python: a manifest becomes the deployment script."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from exporter.databases.postgres.columns import (
    KINDS,
    check_columns,
    has_own_columns,
    record_message,
    sample_texts,
    sample_values,
    typed_columns,
)
from exporter.engines.plpython.runtime import runtime_text
from exporter.errors import SignatureError
from exporter.ir.graph import Port, count_numbers, format_shape
from exporter.manifest import Manifest
from exporter.resources import folder
from exporter.samples import Samples, split_block
from exporter.sql.script import Made, Script, Statement, WeightsStatement
from exporter.sql.templates import Spelling, render
from exporter.sql.text import Sql, comma, ident, literal

MAX_ARGUMENTS = 100  # FUNC_MAX_ARGS of an unmodified server
SHORT = 12  # hex digits of a version in names
OWNER_HELPERS = ("loaded", "cache_limit", "evict", "collect", "load", "drop_model")
CALLER_HELPERS = (
    "array_bytes", "record_bytes", "full_name", "type_name", "list_columns", "ask_types",
    "pack_item", "column_letter", "pack_columns", "pack_row", "count_blocks", "held_type",
    "query_item", "check_settings", "source", "gather_query", "give_query", "choose_blocks",
    "fetch_batch", "score_rows", "answer_batch", "score_source", "target_query", "list_types",
    "check_target", "check_name", "prepare_target", "has_key", "check_key", "check_key_type",
    "lock_target", "equality", "describe_job", "open_scoring", "store_scores", "score_blocks",
    "score_fetched", "rows_query", "is_atomic", "check_transaction", "score_into", "forget",
)  # fmt: skip
ENGINE = "plpython"  # templates of what runs a plan lie in a folder of its name
REGISTRY = "export_model"  # the schema of the registry
RESERVED_NAMES = ("information_schema", "public")


@dataclass(frozen=True)
class Call:
    """One way to hand a row over: parameters, and the messages made of them, see _message; packed
    are the same as they stand in batches."""

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
        return Sql(f"{ident(model)}.{ident(self.function)}({comma(self.types)})")

    @property
    def header(self) -> str:
        """Parameters and result; a function whose header changes must be dropped first."""
        return f"({comma(self.parameters)}) returns {self.returns}"


def compile_script(manifest: Manifest, block: bytes, samples: Samples) -> Script:
    """All statements that deploy a version with its weights under its name.

    Raises: SqlTextError or SignatureError, when a name cannot be used in PostgreSQL.
    """
    check_names(manifest)
    return Compiler(manifest, block, samples).compile()


def acting_role() -> Sql:
    """SQL that names the role whose rights a statement runs with."""
    return render(("postgres",), "acting_role", {})


class Compiler:
    """Collects the statements of one deployment.

    templates: the folders of sql_templates to look in, in this order. helpers: functions of the
    registry for those who score, with these settings and guards where their templates have a place
    for them. storage: clauses of the registry's tables. server: what check_server needs to know.
    """

    templates: tuple[str, ...] = ("postgres",)
    spelling: Spelling = ()
    helpers: tuple[str, ...] = CALLER_HELPERS
    settings: tuple[Sql, ...] = ()
    guards: tuple[Sql, ...] = ()
    storage: tuple[Sql, ...] = ()
    server: Mapping[str, Any] = MappingProxyType({})
    has_tables = True  # score_table and the like
    is_altered = Sql("encode(sha256(data), 'hex') <> sha256")

    def __init__(self, manifest: Manifest, block: bytes, samples: Samples) -> None:
        self.manifest = manifest
        self.plan = manifest.restore_plan(block)
        self.signature = manifest.signature
        self.samples = samples
        self.model = manifest.name
        self.short = manifest.version[:SHORT]
        self.statements: list[Statement] = []
        self.runtime_text = runtime_text()
        self.runtime = "runtime_" + hashlib.sha256(self.runtime_text.encode()).hexdigest()[:SHORT]
        self.columns = typed_columns(manifest)
        self.objects: list[tuple[str, Sql, str]] = []
        self.made: list[Made] = []
        self.returns = self._score_type()

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
            if statement.name == "runtime":
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

    def _make(
        self, name: str, template: str, identity: str | None = None, **variables: Any
    ) -> None:
        """The same for a function, which is compared later with what is there."""
        self._add(name, template, **variables)
        sql = self.statements[-1].sql
        digest = hashlib.sha256(sql.encode("utf-8")).hexdigest()[:SHORT]
        self.made.append(Made(identity or _identity(sql), digest))

    def _render(self, template: str, variables: dict[str, Any]) -> Sql:
        folders = (*(f"{ENGINE}/{folder}" for folder in self.templates), *self.templates)
        return render(folders, template, variables, spelling=self.spelling)

    def _prepare(self) -> None:
        self._add("settings of this transaction", "settings")
        self._add("check the server", "check_server", **self.server)
        self._add("wait for other deployments", "lock")
        self._check_owners()
        self._add("names", "restore_names", model=self.model, short=self.short)
        self._add("check what a deployment needs", "preflight", model=self.model)
        self._add("check numpy in the server", "check_numpy")

    def _check_owners(self) -> None:
        """Before anything of the registry's or the model's runs, and again when both are there."""
        schemas = [REGISTRY, self.model]
        role = acting_role()
        name = "check that nothing belongs to others"
        self._add(name, "check_owners", schemas=schemas, acting_role=role)

    def _registry(self) -> None:
        self._add("registry: schema", "registry_schema")
        self._add("schema", "schema", model=self.model)
        self._check_owners()
        for part in ("models", "versions", "tensors", "chunks", "samples"):
            self._add(f"registry: {part}", f"registry_{part}", storage=self.storage)
        self._add("registry: objects", "registry_objects", storage=self.storage)
        self._add("registry: overview", "registry_overview")
        self._add("registry: rights", "registry_protect")
        self._make("runtime", "runtime", runtime=self.runtime, runtime_text=self.runtime_text)
        runtime = Sql(f"{REGISTRY}.{ident(self.runtime)}(text, text, bytea)")
        self._add("runtime: rights", "function_protect", identity=runtime)
        helpers = (*OWNER_HELPERS, *self.helpers)
        for helper in helpers:
            template = "score_into_helper" if helper == "score_into" else helper
            of_drop = {"schema": REGISTRY, "helpers": helpers}
            of_helper = {"settings": self.settings, "guards": self.guards}
            variables: dict[str, Any] = of_drop if helper == "drop_model" else of_helper
            self._make(f"registry: {helper}", template, None, **variables)
        self._add("registry: rights of helpers", "helpers_protect", helpers=self.helpers)

    def _rows(self) -> None:
        chunks = split_block(self.plan.block)
        source = self.manifest.source
        self._add(
            "schema: comment",
            "schema_comment",
            model=self.model,
            summary=f"export-model: {source.file_name}, version {self.short}",
        )
        self._add(
            "remove rows that were altered",
            "clear_rows",
            version=self.plan.version,
            model=self.model,
            runtime=self.runtime,
            plan_md5=hashlib.md5(self.plan.text.encode("utf-8"), usedforsecurity=False).hexdigest(),
            chunks=len(chunks),
            tensors=len(self.plan.tensors),
            is_altered=self.is_altered,
        )
        self._add("model", "insert_model", model=self.model, version=self.plan.version)
        self._add(
            "version",
            "insert_version",
            version=self.plan.version,
            model=self.model,
            graph_digest=self.manifest.graph_digest,
            source_file=source.file_name,
            source_sha256=source.sha256,
            keras_version=source.format_version,
            parameters=self.manifest.parameters,
            inputs=_describe(self.manifest.inputs),
            outputs=_describe(self.manifest.outputs),
            features=self.signature.features,
            labels=self.signature.labels,
            threshold=self.signature.threshold,
            plan=self.plan.text,
            runtime=self.runtime,
            weight_bytes=len(self.plan.block),
            chunks=len(chunks),
            expected_by=self.manifest.expected_by,
            tolerance=self.manifest.tolerance,
            exporter_version=self.manifest.exporter,
        )
        if self.plan.tensors:
            self._add(
                "tensors", "insert_tensors", version=self.plan.version, tensors=self._tensors()
            )
        for chunk in chunks:
            facts = {
                "number": chunk.number,
                "size": len(chunk.data),
                "sha256": chunk.sha256,
                "data": chunk.data,
            }
            variables = {"version": self.plan.version, "chunk": facts}
            self.statements.append(
                WeightsStatement(
                    f"weights: chunk {chunk.number + 1} of {len(chunks)}",
                    self._render("insert_chunk", variables),
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

    def _functions(self) -> None:
        """The version's own functions: what runs in Python, and what loads it when needed."""
        if len(self.manifest.outputs) > 1:
            self._outputs_type()
        for method, returns in self._methods():
            for messages in self._message_counts():
                self._row_functions(method, returns, messages)
        self._batch_functions()

    def _message_counts(self) -> list[int]:
        """How many messages a row may come in: one for each input, or one for all columns."""
        counts = set() if has_own_columns(self.manifest.inputs) else {len(self.manifest.inputs)}
        return sorted(counts | ({1} if self.columns else set()))

    def _row_functions(self, method: str, returns: Sql, messages: int) -> None:
        """The functions of one row that comes in so many messages."""
        run, function = f"run_{method}_{self.short}", f"{method}_{self.short}"
        shared = {
            "model": self.model,
            "version": self.plan.version,
            "arguments": [Sql(f"p{n}") for n in range(1, messages + 1)],
            "returns": returns,
        }
        types = comma(Sql("bytea") for _ in range(messages))
        of_run, of_this = (
            Sql(f"{ident(self.model)}.{ident(name)}({types})") for name in (run, function)
        )
        self._make(
            f"{method}: in Python", "run", of_run, function=run, method=Sql(method), **shared
        )
        self._add(f"{method}: rights", "function_protect", identity=of_run)
        self._make(
            f"{method}: this version", "versioned", of_this, function=function, run=run, **shared
        )
        self._add(f"{method}: rights of this version", "function_rights", identity=of_this)
        for identity in (of_run, of_this):
            self.objects.append(("function", identity, str(returns)))

    def _batch_functions(self) -> None:
        """The same for batches of packed rows."""
        run, function = f"run_batch_{self.short}", f"batch_{self.short}"
        shared = {"model": self.model, "version": self.plan.version}
        types = Sql("bytea, integer, text")
        for name, template, rights in (
            (run, "run_batch", "function_protect"),
            (function, "batch", "function_rights"),
        ):
            identity = Sql(f"{ident(self.model)}.{ident(name)}({types})")
            options = {"run": run} if template == "batch" else {}
            self._make(
                f"batches: {template}", template, identity, function=name, **shared, **options
            )
            self._add(f"batches: rights of {template}", rights, identity=identity)
            self.objects.append(("function", identity, "record"))

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
                    "target": f"{method}_{self.short}",
                    "parameters": call.parameters,
                    "messages": call.messages,
                    "returns": returns,
                },
            )
            for method, returns in self._methods()
            for call in calls
        ]
        for call in calls:
            variables = {"parameters": call.parameters, "messages": call.packed}
            returns = Sql("bytea")
            aliases.append(Alias("pack", call.parameters, call.types, returns, "pack", variables))
        return aliases

    def _batch_aliases(self) -> list[Alias]:
        """Functions that score what was gathered, or a whole table."""
        aliases = [self._scorer_alias()]
        for method, returns in self._methods():
            is_number = returns in ("real", "pg_catalog.text")
            shared = {"column": method, "returns": returns}
            of_batch = shared | {
                "function": f"{method}_batch",
                "target": f"batch_{self.short}",
                "texts": Sql(f"{method}s"),
                "element": returns if is_number else Sql("pg_catalog.text"),
            }
            aliases.append(
                Alias(
                    f"{method}_batch",
                    (Sql("keys anyarray"), Sql("rows bytea")),
                    (Sql("anyarray"), Sql("bytea")),
                    Sql(f"table (key anyelement, {ident(method)} {returns})"),
                    "score_batch",
                    of_batch,
                )
            )
            aliases.append(
                Alias(
                    f"{method}_table",
                    (Sql("source text"), Sql("key_column text")),
                    (Sql("text"), Sql("text")),
                    Sql(f"table (key text, {ident(method)} {returns})"),
                    "score_table",
                    shared | {"function": f"{method}_table"},
                )
            )
        parameters = (Sql("source text"), Sql("key_column text"), Sql("target text"))
        types = (Sql("text"), Sql("text"), Sql("text"))
        aliases.append(Alias("score_into", parameters, types, Sql("nothing"), "score_into", {}))
        return aliases

    def _scorer_alias(self) -> Alias:
        """Tells what reads whole tables which columns to take and what to call."""
        batch = f"{ident(self.model)}.{ident(f'batch_{self.short}')}"
        features = self.signature.features
        scorer = {
            "batch": batch,
            "version": self.short,
            "score_type": str(self.returns),
            "inputs": [
                {
                    "columns": list(features) or [port.name],
                    "is_array": not features,
                    "is_text": port.is_text,
                }
                for port in self.manifest.inputs
            ],
        }
        if self.columns:
            kinds = [column.kind for column in self.columns]
            scorer["inputs"] = [{"columns": list(features), "kinds": kinds}]
        variables = {"scorer": json.dumps(scorer)}
        return Alias("scorer", (), (), Sql("jsonb"), "scorer", variables)

    def _verify_alias(self) -> Alias:
        query, key = self._samples_query()
        variables = {
            "version": self.plan.version,
            "target": f"score_{self.short}",
            "inputs": self._verified_inputs(),
            "forms": self._verified_forms(),
            "packed": self._verified_pack("g.input_"),
            "packed_given": self._verified_pack("l_given_"),
            "outputs": self._verified_outputs(),
            "tolerance": self.manifest.tolerance,
            "returns": self.returns,
            "methods": [Sql(method) for method, _ in self._methods()],
            "table_query": query,
            "key": key,
            "has_tables": self.has_tables,
        }
        return Alias("verify", (), (), Sql("table with form"), "verify", variables)

    def _verified_inputs(self) -> list[dict[str, Any]]:
        """What is stored of a sample row: an array for each input, or the columns as texts."""
        ports = self.manifest.inputs
        if has_own_columns(ports):
            message = record_message(self.columns, sample_values(self.columns, Sql("i.texts")))
            kinds = [(Sql("texts"), message)]
        else:
            stored = [Sql("texts" if port.is_text else "numbers") for port in ports]
            kinds = [
                (column, _message(Sql(f"i.{column}"), port))
                for column, port in zip(stored, ports, strict=True)
            ]
        return [
            {
                "number": number,
                "argument": Sql(f"input_{number}"),
                "is_text": column == "texts",
                "column": column,
                "message": message,
            }
            for number, (column, message) in enumerate(kinds)
        ]

    def _given_columns(self, prefix: str) -> list[Sql]:
        """SQL of each column of a sample row, from the arrays PREFIX0, PREFIX1, ... of inputs."""
        ports = self.manifest.inputs
        if has_own_columns(ports):
            return sample_values(self.columns, Sql(f"{prefix}0"))
        columns = [
            Sql(f"{prefix}{number}[{n}]")
            for number, port in enumerate(ports)
            for n in range(1, (count_numbers(port.shape) or 0) + 1)
        ]
        return columns if self.signature.features else []

    def _verified_forms(self) -> list[dict[str, Any]]:
        """The ways to score a sample row g: the end of the function's name, and its arguments."""
        inputs = [Sql(f"g.input_{number}") for number in range(len(self.manifest.inputs))]
        columns = self._given_columns("g.input_")
        forms = []
        if not has_own_columns(self.manifest.inputs):
            forms.append({"name": "of a row", "suffix": "", "arguments": inputs})
        if 0 < len(columns) <= MAX_ARGUMENTS:
            forms.append({"name": "of columns", "suffix": "", "arguments": columns})
        if not forms:
            message = record_message(self.columns, columns)
            forms = [{"name": "of a row", "suffix": f"_{self.short}", "arguments": [message]}]
        return forms

    def _verified_pack(self, prefix: str) -> Sql:
        """SQL that packs a sample row whose inputs are in PREFIX0, PREFIX1, ..."""
        ports = self.manifest.inputs
        if has_own_columns(ports):
            return record_message(self.columns, self._given_columns(prefix))
        arguments = comma(Sql(f"{prefix}{number}") for number in range(len(ports)))
        return Sql(f"{ident(self.model)}.pack({arguments})")

    def _samples_query(self) -> tuple[str, str]:
        """A query that gives the samples as a table of the model's own columns, and its key."""
        features = self.signature.features
        ports = self.manifest.inputs
        names = list(features) or [port.name for port in ports]
        key = "sample"
        while key in names:
            key += "_"
        values = [
            Sql(
                f"(select i.{item['column']} from export_model.samples i"
                f" where i.version = s.version and i.sample = s.sample and not i.is_output"
                f" and i.port = {item['number']})"
            )
            for item in self._verified_inputs()
        ]
        if has_own_columns(ports):
            values = sample_values(self.columns, Sql(f"({values[0]})"))
        elif features:
            values = [
                Sql(f"({value})[{n}]")
                for value, port in zip(values, ports, strict=True)
                for n in range(1, (count_numbers(port.shape) or 0) + 1)
            ]
        items = comma(
            Sql(f"{value} as {ident(name)}") for value, name in zip(values, names, strict=True)
        )
        return (
            f"select s.sample as {ident(key)}, {items} from (select distinct"
            " x.version, x.sample from export_model.samples x"
            f" where x.version = {literal(self.plan.version)}) s"
        ), key

    def _methods(self) -> list[tuple[str, Sql]]:
        """score, and label where there are labels, with the type of the result."""
        methods = [("score", self.returns)]
        if self.signature.labels:
            methods.append(("label", Sql("pg_catalog.text")))
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
        calls = self._user_functions()
        shared = len(self.helpers) + len(OWNER_HELPERS) + 1
        return (
            "",
            f"Made from {self.manifest.source.file_name}: {self.manifest.parameters:,} parameters,"
            f" {len(self.plan.block) / 1024:,.1f} KB of weights.",
            f"It makes schema {ident(self.model)} with the functions {', '.join(calls)};",
            f"and, where it is not there yet, schema {REGISTRY} with 6 tables, a view and",
            f"{shared} functions that all models share: most of this file, for any model.",
            f"It reads no table of yours and ends by scoring {len(self.samples)} sample rows.",
            "Rights: a superuser's, because it makes PL/Python functions; plpython3u must be in",
            "the database, and numpy in the Python of the server.",
            f"Who scores needs: grant usage on schema {ident(self.model)} to ...",
            f"It is removed by: select {REGISTRY}.drop_model({literal(self.model)})",
        )

    def _user_functions(self) -> list[str]:
        """Names of the functions that users call."""
        names = [
            identity.split("(")[0].replace('"', "").removeprefix(f"{self.model}.")
            for kind, identity, _ in self.objects
            if kind == "alias"
        ]
        return list(dict.fromkeys(names))

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
        messages = tuple(_message(Sql(f"${n}"), port) for n, port in enumerate(ports, 1))
        return Call(
            tuple(Sql(f"{ident(port.name)} {_element_type(port)}[]") for port in ports),
            tuple(Sql(f"{_element_type(port)}[]") for port in ports),
            messages,
            tuple(_packed(m, port) for m, port in zip(messages, ports, strict=True)),
        )

    def _scalar_call(self) -> Call:
        """score(a double precision, b text, ...): double precision all the way, because a cast to
        real raises an error for numbers below 1e-45."""
        features = self.signature.features
        values = [Sql(f"${n}") for n in range(1, len(features) + 1)]
        types = [KINDS[column.kind].type for column in self.columns] or [
            Sql("double precision") for _ in features
        ]
        message = self._columns_message(values)
        return Call(
            tuple(Sql(f"{ident(name)} {t}") for name, t in zip(features, types, strict=True)),
            tuple(types),
            (message,),
            (message,),
        )

    def _row_call(self) -> Call:
        """score(TABLE): a row of the table, any number of columns."""
        schema, table = self.signature.feature_table or ("", "")
        row_type = Sql(f"{ident(schema)}.{ident(table)}")
        values = [Sql(f"($1).{ident(name)}") for name in self.signature.features]
        message = self._columns_message(values)
        return Call((Sql(f"{ident('row')} {row_type}"),), (row_type,), (message,), (message,))

    def _columns_message(self, values: Sequence[Sql]) -> Sql:
        """One message for all columns, from the value of each."""
        if self.columns:
            return record_message(self.columns, values)
        (port,) = self.manifest.inputs
        numbers = comma(Sql(f"{value}::double precision") for value in values)
        return _message(Sql(f"array[{numbers}]"), port)

    def _score_type(self) -> Sql:
        outputs = self.manifest.outputs
        if len(outputs) == 1:
            return _sql_type(outputs[0])
        return Sql(f"{ident(self.model)}.{ident(self._outputs_name())}")

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
        ports = []
        if has_own_columns(inputs):
            texts = sample_texts(inputs, self.samples.inputs, row)
            ports.append(
                {
                    "is_output": False,
                    "number": 0,
                    "name": "columns",
                    "numbers": None,
                    "texts": texts,
                }
            )
            inputs = ()
        for number, (port, array) in enumerate(zip(inputs, self.samples.inputs, strict=False)):
            values = array[row] if None in port.shape and not port.is_text else array[row].ravel()
            ports.append(
                {
                    "is_output": False,
                    "number": number,
                    "name": port.name,
                    "numbers": None if port.is_text else values,
                    "texts": values.tolist() if port.is_text else None,
                }
            )
        for number, (port, array) in enumerate(
            zip(self.manifest.outputs, self.samples.outputs, strict=True)
        ):
            ports.append(
                {
                    "is_output": True,
                    "number": number,
                    "name": port.name,
                    "numbers": array[row].ravel(),
                    "texts": None,
                }
            )
        return ports

    def _verified_outputs(self) -> list[dict[str, Any]]:
        """For each output the SQL that makes a real[] of it, from scored.result."""
        single = len(self.manifest.outputs) == 1
        outputs = []
        for number, port in enumerate(self.manifest.outputs):
            value = "scored.result" if single else f"(scored.result).{ident(port.name)}"
            is_number = count_numbers(port.shape) == 1
            numbers = Sql(f"array[{value}]" if is_number else value)
            outputs.append({"number": number, "name": port.name, "numbers": numbers})
        return outputs


@cache
def program_digest() -> str:
    """Digest of what functions are made of: templates and the runtime."""
    root = folder("sql_templates")
    digest = hashlib.sha256(runtime_text().encode("utf-8"))
    for path in sorted(root.rglob("*.sql")):
        if path.parent.name != "oracle":
            digest.update(path.read_bytes())
    return digest.hexdigest()[:SHORT]


def _identity(sql: str) -> str:
    """Name and argument types of a helper, from the statement that makes it."""
    found = re.match(r"create or replace \w+ ([\w.\"]+)\((.*?)\)\s*(?:returns|language)", sql, re.S)
    if found is None:
        raise ValueError(f"no function is made by {sql[:60]!r}")
    types = []
    for parameter in found[2].split(","):
        words = re.sub(r" default .*", "", parameter.strip()).split()
        if words and words[0] == "out":
            continue
        words = words[1:] if words and words[0] == "inout" else words
        types.append(" ".join(words[1:] or words))
    return f"{found[1]}({', '.join(types)})"


def _element_type(port: Port) -> Sql:
    return Sql("text" if port.is_text else "real")


def _message(array: Sql, port: Port) -> Sql:
    """SQL that makes bytes of an array, as the runtime decodes them.

    Texts go as JSON in UTF-8, whatever the server's encoding is.
    """
    if port.is_text:
        json = f"pg_catalog.array_to_json({array})::pg_catalog.text"
        return Sql(f"pg_catalog.convert_to({json}, 'UTF8')")
    return Sql(f"export_model.array_bytes({array})")


def _packed(message: Sql, port: Port) -> Sql:
    """A message that tells where it ends, as rows of a batch need it: JSON holds no zero byte."""
    if port.is_text:
        return Sql(f"{message} operator(pg_catalog.||) E'\\\\x00'::pg_catalog.bytea")
    return message


def _sql_type(port: Port) -> Sql:
    return Sql("real" if count_numbers(port.shape) == 1 else "real[]")


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
