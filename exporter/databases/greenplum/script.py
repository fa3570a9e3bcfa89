"""Greenplum 6 and 7: what differs from PostgreSQL when a model must score on every segment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from exporter.databases.installation import LANGUAGES, WRAPPER, name_servers
from exporter.databases.postgres.aliases import Alias
from exporter.databases.postgres.helpers import CALLER_HELPERS, WINDOW_HELPERS
from exporter.databases.postgres.interface import Interface
from exporter.databases.postgres.limits import check_names
from exporter.databases.postgres.ports import numbers_type
from exporter.databases.postgres.script import NOTHING_SAID, Compiler
from exporter.databases.postgres.shared import SharedCompiler
from exporter.engines.plpython.record import PLPYTHON
from exporter.errors import SignatureError
from exporter.ir.columns import Column
from exporter.ir.graph import Port
from exporter.ir.plan import Signature
from exporter.ir.signature import refuse_columns, refuse_windows
from exporter.manifest import Manifest
from exporter.release import Release
from exporter.samples import Samples, split_block
from exporter.sql.script import Script
from exporter.sql.templates import Spelling
from exporter.sql.text import Sql, ident

GENERATIONS = (6, 7)
FROM_CURSORS = (
    "gather_query", "give_query", "choose_blocks", "fetch_batch", "store_scores", "score_batches",
    "scores_item", "score_blocks", "score_fetched", "rows_query", "postpone_key", "drop_unused",
)  # fmt: skip
WINDOWS_FROM_CURSORS = (
    "windows_query", "all_rows", "fetch_windows", "answer_windows", "has_series_index",
    "plan_query", "is_looked_up", "window_rows_query", "write_windows", "store_windows",
)  # fmt: skip
WINDOWS_ON_SEGMENTS: Mapping[str, Sql] = MappingProxyType(
    {
        "chunks_query": Sql("export_model.chunks_query(jsonb, text, integer, bigint)"),
        "chunk_rows_query": Sql("export_model.chunk_rows_query(jsonb)"),
        "window_groups_query": Sql(
            "export_model.window_groups_query(jsonb, text, integer, bigint, integer, integer)"
        ),
        "score_window_group": Sql(
            "export_model.score_window_group(text, text, text, text, anyarray, bytea, anyarray,"
            " anyarray, integer, integer)"
        ),
        "answer_window_group": Sql(
            "export_model.answer_window_group(text, text, text, text, anyarray, bytea, anyarray,"
            " anyarray, integer, integer)"
        ),
        "count_window_parts": Sql("export_model.count_window_parts(jsonb)"),
        "score_window_part": Sql("export_model.score_window_part(jsonb, integer, integer)"),
    }
)
ON_SEGMENTS: Mapping[str, Sql] = MappingProxyType(
    {
        "score_group": Sql("export_model.score_group(text, regtype, anyarray, bytea)"),
        "is_spread": Sql("export_model.is_spread(text)"),
        "drop_own": Sql("export_model.drop_own()"),
        "probe_own": Sql("export_model.probe_own()"),
        "own_query": Sql("export_model.own_query(text, jsonb, text, text, text)"),
        "group_query": Sql(
            "export_model.group_query(text, text, jsonb, text, integer, integer, text)"
        ),
        "batch_type": Sql("export_model.batch_type(regtype)"),
        "session_query": Sql("export_model.session_query(text, regtype)"),
        "keep_batches": Sql("export_model.keep_batches(text)"),
        "is_keyed": Sql("export_model.is_keyed(regclass)"),
        "score_part": Sql("export_model.score_part(jsonb, integer, integer)"),
        "count_parts": Sql("export_model.count_parts(jsonb)"),
    }
)
# What PostgreSQL 9.4, which Greenplum 6 is made of, spells differently.
SPELLING_OF_6: Spelling = (
    (" parallel safe", ""),
    (" parallel restricted", ""),
    ("'drop routine ", "'drop function "),
    ("'alter routine ", "'alter function "),
    ("'grant execute on routine ", "'grant execute on function "),
    ("'comment on routine ", "'comment on function "),
    ("bigint generated always as identity", "bigserial"),
)
ADVICE_FOR_6 = (
    "Greenplum 7 takes them (--greenplum-version 7). For Greenplum 6 export a network without"
    " what stands before it, and prepare its inputs in SQL."
)
NONE = Sql("")
OPEN_TO_DEPLOYERS = (
    "Segments check no rights: who may create functions, as deployers must, can read every table",
    "of the database there, weights of others among them. Give the role to those who may.",
)


def refuse_in_6(signature: Signature, inputs: Sequence[Port]) -> None:
    """Refuse what Greenplum 6 does not take: windows and typed columns.

    Raises: SignatureError.
    """
    refuse_windows(signature, "Greenplum 6")
    refuse_columns(inputs, signature.features, "Greenplum 6", ADVICE_FOR_6)


def compile_script(
    manifest: Manifest,
    block: bytes,
    samples: Samples,
    greenplum_version: int = 7,
    release: Release = NOTHING_SAID,
) -> Script:
    """All statements that deploy a version with its weights under its name.

    Raises: SqlTextError or SignatureError, when a name cannot be used in Greenplum.
    """
    check_names(manifest)
    if manifest.name.startswith("gp_"):
        raise SignatureError(
            f'the name "{manifest.name}" belongs to Greenplum; choose another with --name.'
        )
    return GreenplumCompiler(manifest, block, samples, greenplum_version, release).compile()


class SharedGreenplumCompiler(SharedCompiler):
    """What models share: the registry lies in replicated tables, weights in options of user
    mappings, whose servers deployers make of one wrapper."""

    database = "greenplum"
    templates: tuple[str, ...] = ("greenplum", "postgres")
    helpers: Mapping[str, Sql] = MappingProxyType(
        {
            "check_place": Sql("export_model.check_place()"),
            **{name: of for name, of in CALLER_HELPERS.items() if name not in FROM_CURSORS},
            **ON_SEGMENTS,
            **{n: of for n, of in WINDOW_HELPERS.items() if n not in WINDOWS_FROM_CURSORS},
            **WINDOWS_ON_SEGMENTS,
        }
    )
    # GPORCA of 7.0.0-beta crashes on a function WITH ORDINALITY in FROM; the helpers ask the
    # catalog, where it has nothing to gain. Procedures commit and can have no SET; for array_bytes,
    # which is called for every row, it would cost a fifth more.
    settings: tuple[Sql, ...] = (Sql("optimizer = off"),)
    # Helpers with EXECUTE run SQL made of what their caller names, with his rights, which segments
    # do not check: there they refuse. score_rows has to run there, and takes a function's name
    # alone.
    guards: tuple[Sql, ...] = (Sql("export_model.check_place()"),)
    storage: tuple[Sql, ...] = (Sql("distributed replicated"),)
    has_segments = True
    server: Mapping[str, Any] = MappingProxyType({"generation": 7})

    def _registry_parts(self) -> None:
        super()._registry_parts()
        if self.has_policies:
            with self._sharing():
                self._add("registry: what holds weights", "wrapper", wrapper=WRAPPER)
                self._give_wrapper()

    def _give_group(self, group: str | None) -> None:
        super()._give_group(group)
        self._give_wrapper()

    def _give_wrapper(self) -> None:
        of_it = {"wrapper": WRAPPER, "languages": LANGUAGES}
        self._add("registry: what deployers make", "give_wrapper", **of_it)

    def _missing_variables(self) -> dict[str, Any]:
        of_it = {"wrapper": WRAPPER, "languages": LANGUAGES} if self.has_policies else {}
        return {**super()._missing_variables(), **of_it}


def compile_registry(group: str | None) -> Script:
    """All statements of what models share in Greenplum 7; see postgres.script.compile_registry."""
    script = SharedGreenplumCompiler(PLPYTHON).compile_shared(group)
    return replace(script, summary=() if group == "" else OPEN_TO_DEPLOYERS)


class GreenplumCompiler(SharedGreenplumCompiler, Compiler):
    """One deployment, whose functions read their weights from the catalog."""

    has_forms = False
    keeps_version = False  # its planner was not seen to ask once, and segments read no registry
    is_network = True

    def __init__(
        self,
        manifest: Manifest,
        block: bytes,
        samples: Samples,
        generation: int,
        release: Release = NOTHING_SAID,
    ) -> None:
        self.generation = generation
        if generation == 6:
            refuse_in_6(manifest.signature, manifest.inputs)
        super().__init__(manifest, block, samples, PLPYTHON, release)
        if generation == 6:
            self.server = {"generation": generation}
            self.has_policies = False  # PostgreSQL 9.4 has no row security
            self.policy_helpers = {}
            self.templates = ("greenplum6", *self.templates)
            self.spelling = SPELLING_OF_6
            self.helpers = {}
            self.is_altered = Sql("false")
            self.has_tables = False

    def _typed_columns(self) -> tuple[Column, ...]:
        """Greenplum 6 takes arrays alone: how records lie there was never seen."""
        return () if self.generation == 6 else super()._typed_columns()

    def _functions(self) -> None:
        shared = {"version": self.plan.version, "short": self.short, "model": self.model}
        if self.generation == 6:
            self._add("weights: where functions read them", "copy_weights", **shared)
            numbers = range(len(split_block(self.plan.block)))
            for name in [f"plan_{self.short}", *(f"weights_{self.short}_{n}" for n in numbers)]:
                identity = self._of_model(name, Sql("()"))
                self.objects.append(("function", identity, "text"))
        else:
            self._add(
                "weights: where functions read them",
                "copy_weights",
                servers=name_servers(self.plan.version),
                wrapper=WRAPPER,
                **shared,
            )
        super()._functions()
        type_ = numbers_type(self.manifest.outputs)
        identity = self._of_model("difference", Sql("({}, {})").format(type_, type_))
        of_both = {"model": self.model, "numbers_type": type_}
        self._make("verify: difference", "difference", identity, **of_both)
        self._add("verify: difference_protect", "difference_protect", **of_both)
        self.objects.append(("function", identity, "double precision"))
        if self._takes_stacks():
            row = self._of_model("stacked_row")
            self._add("stacks: a row", "stacked_row", model=self.model, type=row)
            stack = self._of_model("stack_rows", Sql("({})").format(row))
            self._make("stacks: the aggregate", "stack_rows", stack, model=self.model)
            self.objects += [("type", row, ""), ("function", stack, "aggregate")]

    def _finish(self) -> None:
        super()._finish()
        if self.generation != 6:
            self._add("prove it: segments read their own rows", "prove_own")

    def _of_model(self, name: str, arguments: Sql = NONE) -> Sql:
        """What is in the model's schema; a function with its argument types."""
        return Sql("{}.{}{}").format(ident(self.model), ident(name), arguments)

    def _batch_aliases(self, interface: Interface) -> list[Alias]:
        """Greenplum 6 has no procedures and too little for functions that take whole tables."""
        aliases = super()._batch_aliases(interface)
        if self.generation == 6:
            return [_of_texts(alias) for alias in aliases if alias.template == "versioned_batch"]
        return aliases if interface.alias else [*aliases, *self._stack_aliases()]

    def _stack_aliases(self) -> list[Alias]:
        """score_stack(stack_rows(...)), for models of one input of float32."""
        if not self._takes_stacks():
            return []
        row = self._of_model("stacked_row")
        return [
            Alias(
                f"{method}_stack",
                (Sql("rows {}[]").format(row),),
                (Sql("{}[]").format(row),),
                Sql("table (key bigint, {} {})").format(ident(method), returns),
                "score_stack",
                {
                    "function": f"{method}_stack",
                    "batch": f"{method}_batch",
                    "column": method,
                    "returns": returns,
                },
            )
            for method, returns in self.version.methods
        ]

    def _takes_stacks(self) -> bool:
        ports = self.manifest.inputs
        return self.generation != 6 and len(ports) == 1 and ports[0].dtype == "float32"


def _of_texts(alias: Alias) -> Alias:
    """score_batch or label_batch without the helpers that make arrays of bytes."""
    column = alias.variables["column"]
    results = Sql("l_result.{}s::pg_catalog.text[]").format(column)
    return replace(alias, variables={**alias.variables, "wanted": column, "results": results})
