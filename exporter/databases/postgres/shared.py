"""What all models of a database share: tables of the registry, functions and rights."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from types import MappingProxyType
from typing import Any

from exporter.databases.installation import DEPLOYERS
from exporter.databases.postgres.helpers import (
    CALLER_HELPERS,
    KEEPING_HELPERS,
    OWNER_HELPERS,
    POLICY_HELPERS,
    WINDOW_HELPERS,
)
from exporter.engines.engine import Engine
from exporter.engines.pgvector.record import PGVECTOR, PGVECTOR_TABLE
from exporter.engines.plpython.record import PLPYTHON
from exporter.engines.statements import REGISTRY, SHORT, Function, Statements
from exporter.resources import folder
from exporter.sql.script import Made, Script, Statement
from exporter.sql.templates import Spelling, describe, render
from exporter.sql.text import Sql, comma, ident

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
INSTALLED_BEFORE = (
    "Let a superuser run: export-model install --dsn ... (of this version of export-model)"
)
# Of helpers whose name is that of what a model has.
OWN_TEMPLATES = {
    "score_into": "score_into_helper",
    "score_windows_into": "score_windows_into_helper",
}


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
    roles without it may deploy. storage: clauses of the registry's tables. has_segments says that
    rows of tables lie on several. server: what check_server needs to know. model is empty where
    there is none.
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
    has_segments = False
    server: Mapping[str, Any] = MappingProxyType({})
    model = ""
    short = ""

    def __init__(self, engine: Engine[Statements]) -> None:
        self.engine_name = engine.name
        self.engine_folder = engine.folder
        self.rights = engine.rights
        self.needs = engine.needs
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
        of_helper = {
            "settings": self.settings,
            "guards": self.guards,
            "has_segments": self.has_segments,
        }
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

    def general_helpers(self) -> dict[str, Sql]:
        """Functions of the registry beside those of the engine, by name."""
        return {**OWNER_HELPERS, **self._database_helpers()}

    def _database_helpers(self) -> dict[str, Sql]:
        """Those of the database, for models that score whole tables, and for policies."""
        own = self.helpers if self.engine.packs_rows else {}
        return {**own, **self.policy_helpers}

    def _caller_helpers(self) -> dict[str, Sql]:
        """The same, and those of the engine."""
        return {**self._database_helpers(), **self.engine.helpers}

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
        about = describe(self._folders(), "make_room")
        return Statement("remove functions that were altered", sql, about=about)

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
        sql, about = self._render(template, variables), describe(self._folders(), template)
        self.statements.append(Statement(name, sql, about=about))

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
        return render(self._folders(), template, variables, spelling=self.spelling)

    def _folders(self) -> tuple[str, ...]:
        """Where templates are looked for, in this order."""
        own = (f"{self.engine_folder}/{folder}" for folder in self.templates)
        return (*own, *self.templates)


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
