"""What models share, and what a model needs of the server: is all of it still there?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from exporter.databases.greenplum.script import SharedGreenplumCompiler
from exporter.databases.postgres.catalog import Function, has_manifests, has_owners
from exporter.databases.postgres.connection import Connection, execute, is_greenplum, is_greenplum_6
from exporter.databases.postgres.owners import find_deployer
from exporter.databases.postgres.shared import FORMS, SharedCompiler, program_digest
from exporter.databases.results import Difference
from exporter.engines.engine import Engine
from exporter.engines.pgvector.record import PGVECTOR
from exporter.engines.statements import REGISTRY, Statements
from exporter.sql.text import Sql

INSTALL = "export-model install --dsn ..."
INSTALLED = (
    f"function {REGISTRY}.",
    f"view {REGISTRY}.",
    f"usage on schema {REGISTRY} ",
    "foreign data wrapper ",
)
"""How differences begin of what `install` makes."""


def find_lost(connection: Connection, model: str) -> Iterator[Difference]:
    """Languages and extensions that a model's functions need and that are gone, which takes some of
    these functions along and leaves others, that raise an error when they are called."""
    used = _used_engines(connection, model)
    for lost in dict.fromkeys(engine.making.find_lost for engine in FORMS if engine.name in used):
        yield from lost(connection, model)


def tell_installing(
    connection: Connection, model: str, found: Sequence[Difference]
) -> list[Difference]:
    """The same with who mends it: what models share is for a superuser to install where the role
    that deployed this one may not make it, and the model is that role's to repair."""
    mender = find_deployer(connection, model) or ""
    found = [replace(difference, mender=mender) for difference in found]
    shared = [d for d in found if _is_installed(d)]
    if not shared or _may_repair_shared(connection, model):
        return found
    if any(d.first for d in found):
        return [replace(d, first=f"{d.first} and: {INSTALL};") if d.first else d for d in found]
    first = f"As a superuser run: {INSTALL};"
    return [replace(d, first=first) if d in shared else d for d in found]


def _is_installed(difference: Difference) -> bool:
    """Is it about what `install` makes? It makes nothing of pgvector's."""
    name = difference.what.removeprefix(f"function {REGISTRY}.").partition(" ")[0].partition("(")[0]
    of_others = name in PGVECTOR.making.helper_names()
    return difference.what.startswith(INSTALLED) and not of_others


def _may_repair_shared(connection: Connection, model: str) -> bool:
    """May the role that deployed a model make what all models share?"""
    if not has_owners(connection):
        return True
    rows = execute(
        connection,
        "select r.rolsuper or r.oid = n.nspowner from export_model.models m"
        " join pg_roles r on r.rolname = m.owner join pg_namespace n on n.nspname = %s"
        " where m.name = %s",
        (REGISTRY, model),
    )
    return not rows or bool(rows[0][0])


def find_missing(
    connection: Connection, model: str, functions: Mapping[str, Function]
) -> Iterator[Difference]:
    """Functions of the registry that are not there: those which the program that made the others
    makes beside them, and what functions of the model call by name."""
    used = _used_engines(connection, model)
    wanted = _made_together(connection, used, functions)
    for identity in wanted:
        if identity not in functions:
            yield Difference(f"function {identity} is missing")
    names = {key.split("(")[0] for key in (*functions, *wanted)}
    called = _called_helpers(connection, model) | {f"{REGISTRY}.drop_model"}
    for name in sorted(called - _of_other_engines(used)):
        if name not in names:
            yield Difference(f"function {name} is missing")


def _made_together(
    connection: Connection, used: set[str], functions: Mapping[str, Function]
) -> list[str]:
    """The registry's functions, of which some at least are there as this program makes them: those
    for every model, and those of each engine that is used. Of another program nobody knows here
    which there have to be."""
    if is_greenplum_6(connection):
        return []
    compiler = SharedGreenplumCompiler if is_greenplum(connection) else SharedCompiler
    engines = [engine for engine in FORMS if engine.name in used]
    program = program_digest()
    found: dict[str, None] = {}
    groups = [_of_all(compiler, engines), *(engine.making.identities() for engine in engines)]
    for group in groups:
        keys = [identity.replace('"', "") for identity in group]
        if any(key in functions and functions[key].program == program for key in keys):
            found.update(dict.fromkeys(keys))
    return list(found)


def _of_all(compiler: type[SharedCompiler], engines: list[Engine[Statements]]) -> list[Sql]:
    """Those that do not depend on the engine, but for whether it scores whole tables."""
    needed = [helper for e in engines for helper in compiler(e).general_helpers().values()]
    return list(dict.fromkeys(needed))


def _called_helpers(connection: Connection, model: str) -> set[str]:
    """What functions of this model and of the registry call by name."""
    rows = execute(
        connection,
        "select distinct m[1] from pg_proc p join pg_namespace n on n.oid = p.pronamespace"
        " join pg_description d on d.objoid = p.oid and d.classoid = 'pg_proc'::regclass,"
        " regexp_matches(p.prosrc, 'export_model[.]([a-z_]+)[(]', 'g') m"
        " where d.description like 'export-model %%'"
        " and p.proname not like 'runtime%%' and n.nspname in (%s, %s)",
        (REGISTRY, model),
    )
    return {f"{REGISTRY}.{name}" for (name,) in rows}


def _used_engines(connection: Connection, model: str) -> set[str]:
    """The engines of a model's versions, by their names; none in registries that knew one alone."""
    if not has_manifests(connection):
        return set()
    rows = execute(
        connection, f"select distinct engine from {REGISTRY}.versions where model = %s", (model,)
    )
    return {name for (name,) in rows}


def _of_other_engines(used: set[str]) -> set[str]:
    """Helpers of engines that this model does not run in: what reads tables names those of all."""
    if not used:
        return set()
    needed: set[str] = set()
    others: set[str] = set()
    for engine in FORMS:
        (needed if engine.name in used else others).update(engine.making.helper_names())
    return {f"{REGISTRY}.{name}" for name in others - needed}
