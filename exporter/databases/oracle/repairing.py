"""A damaged model made whole from the registry alone: packages, synonyms and grants.

A package's text follows from the manifest, and its weights lie in the registry as it reads them. So
all but the registry's own rows can be made again; a model's samples prove it.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from exporter.databases.known import Known
from exporter.databases.life import Repaired
from exporter.databases.oracle.connection import Connection, execute
from exporter.databases.oracle.deployment import is_runtime_installed, run
from exporter.databases.oracle.journal import Remembered, recall
from exporter.databases.oracle.keeping import grantees_of
from exporter.databases.oracle.models import read_comment
from exporter.databases.oracle.registry import (
    REGISTRY_COMMENT,
    REGISTRY_COMMENTS,
    TABLES,
    make_registry,
    table_key,
)
from exporter.databases.oracle.shared import check_compiled
from exporter.databases.oracle.stored import AGAIN, StoredVersion, read_stored, require_weights
from exporter.databases.oracle.switches import (
    EVERYBODY,
    Standing,
    journal_statement,
    quoted,
    switch_alias,
    switch_champion,
)
from exporter.databases.oracle.switching import changing
from exporter.databases.oracle.templates import render
from exporter.databases.oracle.text import catalog_name
from exporter.databases.oracle.units import (
    KINDS,
    MISSING,
    Fault,
    find_faults,
    is_valid,
)
from exporter.databases.oracle.versions import (
    list_known,
    list_names,
    read_package,
    read_standing,
)
from exporter.databases.results import Deployment, Difference
from exporter.engines.plsql.limits import DEFAULT_VERSION
from exporter.errors import DatabaseError
from exporter.manifest import Stored
from exporter.places import Place
from exporter.sql.script import Statement
from exporter.sql.text import Sql

if TYPE_CHECKING:
    pass

NEEDED = ("versions", "weights", "samples")
"""Tables that nothing but a model's file can fill again."""


def repair(
    place: Place,
    model: str,
    options: dict[str, Any],
    deploy: Callable[[Stored], Deployment],
) -> Repaired:
    """Make what is missing or altered of a model again: of its champion, then of its other
    versions, then what stands for them and who may score.

    Raises: DatabaseError, when there is no such model, or of its champion something is lost that
    only the file can give.
    """
    oracle_version = str(options.get("oracle_version", DEFAULT_VERSION))
    with changing(place, model) as (connection, key):
        found = _mend_registry(connection, key)
        remembered = recall(connection, key)
        known = list_known(connection, key, list_names(connection, key))
        champion = _find_champion(key, known, remembered)
        granted = _all_grantees(connection, key)
        version = read_stored(connection, champion, oracle_version)
        faults = _mend_package(connection, key, version)
        found += map(str, faults)
        others: list[str] = []
        for item in known:
            if item.version != champion.version:
                others += _mend_other(connection, key, item, oracle_version)
        found += _mend_champion(connection, key, version)
        others += _mend_aliases(connection, key, known, remembered)
        if Fault(KINDS[0], version.package, MISSING, version.made.package.spec) in faults:
            found += _grant_again(connection, key, granted | remembered.grantees)
        others += _mend_grants(connection, key)
        if found or others:
            told = "; ".join([*found, *others])
            run(connection, [journal_statement(key, "repair", told)], f'repairing "{key}"')
        done = Deployment(key, champion.version, True, tuple(map(Difference, found)))
    return Repaired(version.manifest, done, tuple(map(Difference, others)))


# The registry.


def _mend_registry(connection: Connection, model: str) -> list[str]:
    """Tables, their format, and the model's row.

    Raises: DatabaseError, where versions, weights or samples of all models are gone.
    """
    there = {str(name) for (name,) in execute(connection, "select table_name from user_tables")}
    missing = [table_key(table) for table in TABLES if table_key(table) not in there]
    lost = [table_key(table) for table in NEEDED if table_key(table) in missing]
    if len(lost) == len(NEEDED):
        raise _no_rows(connection, model)
    if lost:
        raise DatabaseError(f"the table {', '.join(lost)} is missing. {AGAIN}")
    comment = read_comment(connection)
    if comment is not None and comment not in REGISTRY_COMMENTS:
        raise DatabaseError("table EXPORT_MODEL_VERSIONS is not a registry; rename it.")
    is_old = comment in REGISTRY_COMMENTS and comment != REGISTRY_COMMENT
    found = [] if is_old else [f"table {table} is missing" for table in missing]
    found += ["the registry's format was not told any more"] * (comment is None)
    if found or is_old:
        run(connection, make_registry(), f'repairing "{model}"')
    rows = execute(
        connection,
        "select version from export_model_versions where model = :1 and state = 'verified'",
        model,
    )
    if not rows:
        raise _no_rows(connection, model)
    if not execute(connection, "select name from export_model_models where name = :1", model):
        found.append("the model's row is missing")
        synonym = catalog_name(model)
        row = _statement("the model's row", "restore_model", model=model, synonym=synonym)
        run(connection, [row], f'repairing "{model}"')
    return found


def _no_rows(connection: Connection, model: str) -> DatabaseError:
    """The registry knows nothing of the model; what is left of it elsewhere stands in the way of a
    deployment."""
    prefix = re.escape(catalog_name(model))
    rows = execute(
        connection,
        "select object_name from user_objects where object_type = 'PACKAGE' order by object_name",
    )
    left = [name for (name,) in rows if re.fullmatch(rf"{prefix}_[0-9A-Fa-f]{{8}}", name)]
    drops = "".join(f' drop package "{name}";' for name in left)
    before = f" What is left of it stands in its way; remove that first:{drops}" if left else ""
    return DatabaseError(
        f'the registry of this user has no version of model "{model}" (see: export-model list'
        f" --dsn ...). {AGAIN}{before}"
    )


# Versions.


def _find_champion(model: str, known: Sequence[Known], remembered: Remembered) -> Known:
    """The version that the model's synonym stands for, or stood for by the journal, or the only
    one.

    Raises: DatabaseError, when none of these says which.
    """
    found = [item for item in known if item.is_champion]
    found += [item for item in known if item.version == remembered.champion]
    if not found and len(known) == 1:
        found = list(known)
    if not found:
        raise DatabaseError(
            f'nothing says which version of model "{model}" is its champion: its synonym is gone,'
            f" and the journal names none that is there. There are {', '.join(map(str, known))}:"
            f" {AGAIN[:-1]} of the one that it is to be."
        )
    return found[0]


def _mend_other(connection: Connection, model: str, known: Known, oracle_version: str) -> list[str]:
    """The same of a version that is not the champion; one that cannot be mended is told, and stays
    as it is."""
    try:
        version = read_stored(connection, known, oracle_version)
        return list(map(str, _mend_package(connection, model, version)))
    except DatabaseError as error:
        connection.rollback()
        return [f"version {known.number} cannot be made again: {error}"]


def _mend_package(connection: Connection, model: str, version: StoredVersion) -> list[Fault]:
    """A version's package and runtime, proved by its samples; what was wrong.

    Raises: DatabaseError, when it cannot be made again, or a sample is scored wrong.
    """
    found: list[Fault] = []
    what = f'mending {version.title} of "{model}"'
    if version.is_of_this_program or not _is_sound(connection, version):
        require_weights(connection, version)
        units = {catalog_name(item.name): item for item in version.made.runtime}
        if is_runtime_installed(connection, list(units)):
            units = {}
        units[version.package] = version.made.package
        for key, item in units.items():
            found += find_faults(connection, item, key)
        statements = [Statement(str(fault), fault.text) for fault in found if fault.is_of_text]
        statements.append(check_compiled("were the packages compiled?", list(units)))
        if found:
            runtime = catalog_name(version.made.runtime[0].name)
            of_version = {"version": version.known.version, "runtime": runtime}
            statements.append(_statement("its runtime", "set_runtime", **of_version))
        run(connection, statements, what)
    prove = _statement("prove it: score the samples", "prove", package=quoted(version.package))
    try:
        run(connection, [prove], what)
    except DatabaseError as error:
        raise DatabaseError(f"{error}\n  Its weights or samples were altered. {AGAIN}") from error
    return found


def _is_sound(connection: Connection, version: StoredVersion) -> bool:
    """Is a package of an earlier program valid, with the runtime that it calls?"""
    installed = is_runtime_installed(connection, [version.runtime])
    has_runtime = installed or is_valid(connection, version.runtime)
    return has_runtime and is_valid(connection, version.package)


# Synonyms and grants.


def _mend_champion(connection: Connection, model: str, version: StoredVersion) -> list[str]:
    """The model's own synonym, where it stands for none of its versions."""
    synonym = list_names(connection, model).champion
    if read_standing(connection, model, synonym) is not None:
        return []
    _require_free(connection, synonym)
    stray = _statement("remove what it stood for", "drop_stray", synonym=synonym)
    to = Standing(version.known.version, version.package)
    # The grants of what a synonym stands for are copied: those of something else are nobody's.
    statements = [stray, *switch_champion(model, synonym, to, "repair", None)]
    run(connection, statements, f'repairing "{model}"')
    return [f"synonym {synonym} stood for no version of the model"]


def _mend_aliases(
    connection: Connection, model: str, known: Sequence[Known], remembered: Remembered
) -> list[str]:
    """Aliases whose synonym stands for none of the versions, or whose row is gone; the journal says
    what each stood for."""
    names = list_names(connection, model)
    champion = read_standing(connection, model, names.champion)
    assert champion is not None  # it was mended before
    found = []
    for alias in sorted({*names.aliases, *remembered.aliases}):
        synonym, wanted = remembered.aliases.get(alias, (names.aliases.get(alias, ""), ""))
        synonym = names.aliases.get(alias, synonym)
        standing = read_standing(connection, model, synonym)
        if standing is not None and alias in names.aliases:
            continue
        version = wanted if standing is None else standing.version
        if version not in {item.version for item in known}:
            again = f"export-model alias --name {shlex.quote(model)} {alias} NUMBER"
            found.append(f'nothing says which version alias "{alias}" stood for; set it: {again}')
            continue
        to = Standing(version, read_package(connection, version))
        of_champion = (names.champion, champion.package)
        try:
            _require_free(connection, synonym)
            statements = switch_alias(model, (alias, synonym), to, of_champion, "repair")
            run(connection, statements, f'mending alias "{alias}" of "{model}"')
        except DatabaseError as error:
            found.append(f'alias "{alias}" cannot be made again: {error}')
            continue
        found.append(f'alias "{alias}" stood for no version of the model')
    return found


def _require_free(connection: Connection, synonym: str) -> None:
    """Raise DatabaseError where something else has a synonym's name."""
    rows = execute(
        connection,
        "select object_type from user_objects where object_name = :1"
        " and object_type <> 'SYNONYM' order by object_type",
        synonym,
    )
    if rows:
        raise DatabaseError(
            f"the name {synonym} is taken by a {str(rows[0][0]).lower()} that export-model did not"
            " make: rename that, and run this again."
        )


def _all_grantees(connection: Connection, model: str) -> frozenset[str]:
    """Who may execute any package that a synonym of the model stands for."""
    names = list_names(connection, model)
    standings = [
        read_standing(connection, model, synonym)
        for synonym in (names.champion, *names.aliases.values())
    ]
    return frozenset(
        name
        for standing in standings
        if standing is not None
        for name in grantees_of(connection, standing.package)
    )


def _grant_again(connection: Connection, model: str, grantees: frozenset[str]) -> list[str]:
    """What went with the champion's package; rights that were given by hand are in no journal."""
    synonym = quoted(list_names(connection, model).champion)
    found = []
    for grantee in sorted(grantees):
        sql_name = Sql("public") if grantee == EVERYBODY.upper() else quoted(grantee)
        of_model = {"synonym": synonym, "grantees": [sql_name]}
        try:
            run(connection, [_statement("who may score", "grant_model", **of_model)], "granting")
        except DatabaseError as error:
            found.append(f"EXECUTE cannot be granted to {grantee} again: {error}")
        else:
            found.append(f"EXECUTE for {grantee} went with the package")
    return found


def _mend_grants(connection: Connection, model: str) -> list[str]:
    """Aliases have the champion's grants, and versions that no synonym stands for have none."""
    names = list_names(connection, model)
    champion = read_standing(connection, model, names.champion)
    assert champion is not None  # it was mended before
    own = grantees_of(connection, champion.package)
    found, statements = [], []
    for alias, synonym in names.aliases.items():
        standing = read_standing(connection, model, synonym)
        if standing is not None and grantees_of(connection, standing.package) != own:
            found.append(f'who may score with alias "{alias}" was not who may with the model')
            of_grants = {"package": quoted(standing.package), "package_key": standing.package}
            of_grants["synonym"] = names.champion
            statements.append(_statement("grants of an alias", "copy_grants", **of_grants))
    of_model = {"model": model, "package": champion.package}
    if execute(connection, render("stale_grants", of_model))[0][0]:
        found.append("versions that nothing stands for were granted")
        statements.append(_statement("revoke the others", "revoke_grants", **of_model))
    run(connection, statements, f'mending the grants of "{model}"')
    return found


def _statement(name: str, template: str, **variables: object) -> Statement:
    return Statement(name, render(template, variables))
