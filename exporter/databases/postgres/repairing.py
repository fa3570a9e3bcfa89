"""A damaged model made whole from the registry alone: what is read for its champion, and then what
belongs to other versions and to aliases."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from functools import partial

import numpy as np

from exporter.databases.known import CHAMPION, Known
from exporter.databases.life import Repaired
from exporter.databases.postgres.catalog import has_manifests, list_functions, read_format
from exporter.databases.postgres.connection import Connection, connect, execute
from exporter.databases.postgres.deployment import needed_statements, run
from exporter.databases.postgres.inspection import find_missing_roles
from exporter.databases.postgres.owners import require_own
from exporter.databases.postgres.stored import read_version
from exporter.databases.postgres.switching import changing, is_whole, make_compiler
from exporter.databases.postgres.turns import read_settled
from exporter.databases.postgres.verify import require_model
from exporter.databases.postgres.versions import LIFE, known_versions, list_known
from exporter.databases.results import Deployment, Difference
from exporter.engines.reference import evaluate
from exporter.engines.statements import SHORT
from exporter.errors import DatabaseError
from exporter.manifest import Stored
from exporter.places import Place
from exporter.release import Release
from exporter.sql.templates import render

NEEDED = ("versions", "chunks", "samples")
"""Tables that nothing but a model's file can fill again."""
ALTERED = 100  # times the tolerance: samples that are further off were altered


def repair(place: Place, model: str, deploy: Callable[[Stored], Deployment]) -> Repaired:
    """Deploy the champion once more from the registry, and mend what belongs to the others.

    Raises: as read_champion and deploy.
    """
    champion = read_champion(place, model)
    done = deploy(champion)
    return Repaired(champion.manifest, done, tuple(mend_others(place, model)))


def read_champion(place: Place, model: str) -> Stored:
    """The version that the model's functions belong to, also where the registry does not say so any
    more: then the comment on the model's schema does. Nothing is changed.

    Raises: DatabaseError, when rows that only the file can give are missing or altered.
    """
    stored = read_settled(place, partial(_read_champion, model))
    _check_samples(stored)
    return stored


def _read_champion(model: str, connection: Connection) -> Stored:
    require_own(connection, model)
    # A registry that was renamed gets its name back, for this transaction.
    execute(connection, render(("postgres",), "restore_names", {"model": model, "short": ""}))
    require_own(connection, model)
    _require_tables(connection, model)
    if not has_manifests(connection):
        raise DatabaseError(
            "the registry has format 1, which holds no manifests. Deploy any model: that moves"
            " it, and fills them in."
        )
    return read_version(connection, model, _find_champion(connection, model))


def mend_others(place: Place, model: str) -> list[Difference]:
    """Make functions of other versions, and of aliases, again where they are not what they were.
    Gives what was mended, and what cannot be, with the reason."""
    found: list[Difference] = []
    with connect(place) as connection:
        require_own(connection, model)
        if (read_format(connection) or 0) < LIFE:
            return []
        known = known_versions(connection, model)
        is_without_roles = bool(find_missing_roles(connection, model))
    if is_without_roles:
        found += _mend_roles(place, model)
    for version in known:
        if not version.is_champion:
            found += _mend(place, model, version, "")
        for alias in version.aliases:
            if alias != CHAMPION:
                found += _mend(place, model, version, alias)
    return found


def _mend_roles(place: Place, model: str) -> list[Difference]:
    """A model whose deployer is missing belongs to the owner of its schema."""
    with changing(place, model) as connection:
        missing = find_missing_roles(connection, model)
        execute(connection, render(("postgres",), "own_model", {"model": model}))
        left = find_missing_roles(connection, model)
    ends = {
        role: "create it and repair again, or go on without it: export-model revoke"
        f" --name {shlex.quote(model)} {shlex.quote(role)} --dsn ..."
        if role in left
        else "the model belongs to the owner of its schema now"
        for role in missing
    }
    return [Difference(f"{missing[role]}; {end}") for role, end in ends.items()]


def _mend(place: Place, model: str, version: Known, alias: str) -> list[Difference]:
    """A version's own functions, or those of an alias of it."""
    what = f'alias "{alias}"' if alias else f"version {version.number}"
    try:
        with changing(place, model) as connection:
            now = [item for item in list_known(connection, model) if item == version]
            if not now:
                return []  # somebody removed or switched it meanwhile
            stored = read_version(connection, model, version.version)
            release = Release(is_promoted=False)
            compiler = make_compiler(connection, stored, release)
            there = {f.key: f for f in list_functions(connection, model)}
            if alias:
                statements = compiler.switch(alias)
                made = [(there.get(item.key), item.digest) for item in compiler.made]
                if all(f and not f.is_altered and f.statement == d for f, d in made):
                    return []
            elif is_whole(there, compiler):
                return []
            else:
                script = make_compiler(connection, stored, release).compile()
                statements = tuple(needed_statements(connection, script))
            run(connection, statements, f'mending {what} of "{model}"')
    except DatabaseError as error:
        return [Difference(f"{what} cannot be made again: {error}")]
    return [Difference(f"functions of {what} were missing or altered, and are there again")]


def _require_tables(connection: Connection, model: str) -> None:
    rows = execute(
        connection,
        "select t.name from unnest(%s::text[]) t (name)"
        " where to_regclass('export_model.' || t.name) is null",
        (list(NEEDED),),
    )
    if len(rows) == len(NEEDED):
        require_model(connection, model)
    if rows:
        names = ", ".join(f"export_model.{name}" for (name,) in rows)
        raise DatabaseError(
            f"{names} is missing, and with it what only the file of a model holds. Deploy its file"
            " again."
        )


def _find_champion(connection: Connection, model: str) -> str:
    """The version by the model's row, else by its schema's comment, else the only one."""
    rows = execute(
        connection, "select version from export_model.versions where model = %s", (model,)
    )
    versions = [version for (version,) in rows]
    if execute(connection, "select to_regclass('export_model.models')")[0][0] is not None:
        current = execute(
            connection, "select current_version from export_model.models where name = %s", (model,)
        )
        if not versions and not current:
            require_model(connection, model)
        if current and current[0][0] in versions:
            return str(current[0][0])
    comments = execute(
        connection,
        "select obj_description(oid, 'pg_namespace') from pg_namespace where nspname = %s",
        (model,),
    )
    named = comments and re.search(r", version ([0-9a-f]{12})$", comments[0][0] or "")
    found = [version for version in versions if named and version[:SHORT] == named[1]]
    if not found and len(versions) == 1:
        found = versions
    if not found:
        raise DatabaseError(
            f'the registry has no current version of model "{model}" that is there. Deploy its file'
            " again."
        )
    return str(found[0])


def _check_samples(stored: Stored) -> None:
    """Raise DatabaseError where expected outputs are far from what the weights give."""
    plan = stored.manifest.restore_plan(stored.block)
    outputs = evaluate(plan, list(stored.samples.inputs))
    for given, expected in zip(outputs, stored.samples.outputs, strict=True):
        if given.shape != expected.shape:
            break
        scale = np.maximum(1, np.abs(expected))
        with np.errstate(invalid="ignore"):
            far = np.abs(given - expected) / scale > ALTERED * stored.manifest.tolerance
        if far.any():
            break
    else:
        return
    raise DatabaseError(
        f'sample rows of model "{stored.manifest.name}" are not what they were: somebody altered'
        " them. Deploy its file again."
    )
