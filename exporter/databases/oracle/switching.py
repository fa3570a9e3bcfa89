"""Which version a model's synonym, and those of its aliases, stand for: switched after the samples
were scored again, from the registry alone."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from exporter.databases.known import CHAMPION, Known, choose_earlier, choose_version
from exporter.databases.life import Said, Switch, Upgrade
from exporter.databases.oracle.callers import compare_versions
from exporter.databases.oracle.connection import (
    Connection,
    connect,
    execute,
    has_registry,
    most_bytes,
)
from exporter.databases.oracle.deployment import has_unit, run
from exporter.databases.oracle.journal import list_switches
from exporter.databases.oracle.models import read_comment, require_known
from exporter.databases.oracle.registry import (
    REGISTRY_COMMENTS,
    REGISTRY_FORMAT,
    make_registry,
    model_key,
)
from exporter.databases.oracle.shared import check_compiled
from exporter.databases.oracle.switches import (
    Standing,
    quoted,
    remove_alias_of,
    switch_alias,
    switch_champion,
)
from exporter.databases.oracle.templates import render
from exporter.databases.oracle.text import catalog_name, ident
from exporter.databases.oracle.versions import (
    known_versions,
    read_names,
    read_package,
    read_standing,
)
from exporter.engines.statements import SHORT
from exporter.errors import DatabaseError
from exporter.places import Place
from exporter.sql.script import Statement

ALIAS = re.compile(r"[a-z][a-z0-9_]{0,29}")
DIGEST = re.compile(r"(.*_)?[0-9a-f]{8}")  # how packages of versions end


def promote(place: Place, model: str, wanted: str | int, because: str | None, said: Said) -> Switch:
    """Make a version the champion: the model's synonym stands for its package.

    Raises: DatabaseError, when there is no such version, or its samples come out wrong; the
    champion stays then.
    """
    with changing(place, model) as (connection, key):
        known = known_versions(connection, key)
        target = choose_version(key, known, wanted)
        return _promote(connection, key, known, target, ("promote", because), said)


def rollback(place: Place, model: str, because: str | None, said: Said) -> Switch:
    """Make the version the champion that was it before, as the journal says; again goes further
    back.

    Raises: as promote; also when the journal knows no version before, or none that is there.
    """
    with changing(place, model) as (connection, key):
        known = known_versions(connection, key)
        target = choose_earlier(key, known, list_switches(connection, key))
        return _promote(connection, key, known, target, ("rollback", because), said)


def set_alias(
    place: Place, model: str, alias: str, wanted: str | int, because: str | None, said: Said
) -> Switch:
    """Make a synonym MODEL_ALIAS, which stands for a version, with the model's grants.

    Raises: as promote; also for an alias that cannot end a synonym's name, or a name that is taken.
    """
    check_alias(alias)
    with changing(place, model) as (connection, key):
        names = read_names(connection, key)
        known = known_versions(connection, key)
        target = choose_version(key, known, wanted)
        before = _holder(known, alias)
        synonym = names.aliases.get(alias) or _free_name(connection, key, alias)
        champion = read_standing(connection, key, names.champion)
        assert champion is not None  # read_names asked
        to = Standing(target.version, read_package(connection, target.version))
        what = f'switching {alias} of "{key}" to version {target.number}'
        changes = _changes(connection, before, target)
        said(changes)
        _prove(connection, key, to, what)
        of_champion = (names.champion, champion.package)
        run(connection, switch_alias(key, (alias, synonym), to, of_champion, because), what)
        return _switched(key, alias, before, target, changes, because)


def remove_alias(place: Place, model: str, alias: str, because: str | None) -> Switch:
    """Remove an alias and its synonym; the version stays.

    Raises: DatabaseError, when there is none of that name.
    """
    with changing(place, model) as (connection, key):
        names = read_names(connection, key)
        if alias not in names.aliases:
            there = ", ".join(names.aliases) or "none"
            raise DatabaseError(f'model "{key}" has no alias "{alias}"; there are: {there}.')
        before = _holder(known_versions(connection, key), alias)
        champion = read_standing(connection, key, names.champion)
        assert champion is not None  # read_names asked
        of_alias = (alias, names.aliases[alias])
        what = f'removing alias {alias} of "{key}"'
        run(connection, remove_alias_of(key, of_alias, champion.package, because), what)
        return Switch(key, alias, None if before is None else before.number, None, None)


def upgrade(place: Place) -> Upgrade:
    """Bring this user's registry to this program's format; its models go on as they are.

    Raises: DatabaseError, when there is none.
    """
    with connect(place) as connection:
        require_known(connection)
        if not has_registry(connection):
            raise DatabaseError("nothing is deployed by this user, so there is nothing to upgrade.")
        comment = read_comment(connection)
        if comment not in REGISTRY_COMMENTS:
            raise DatabaseError("table EXPORT_MODEL_VERSIONS is not a registry; rename it.")
        run(connection, make_registry(), "upgrading")
    return Upgrade(REGISTRY_COMMENTS.index(comment) + 1, REGISTRY_FORMAT)


@contextmanager
def changing(place: Place, model: str) -> Iterator[tuple[Connection, str]]:
    """A connection that changes a model of this user, and the model's name in the registry."""
    with connect(place) as connection:
        require_known(connection)
        yield connection, model_key(model)


def check_alias(alias: str) -> None:
    """Raise DatabaseError for an alias that cannot be the end of a synonym's name."""
    if alias == CHAMPION:
        raise DatabaseError(
            '"champion" is the version that the model\'s own synonym stands for: switch it with'
            " promote."
        )
    if not ALIAS.fullmatch(alias) or DIGEST.fullmatch(alias):
        raise DatabaseError(
            f'"{alias}" cannot be an alias: it ends the name of a synonym, as MODEL_{alias}. Give'
            " small letters, digits and underscores, at most 30, beginning with a letter; not"
            " eight hex digits, as packages end in."
        )


def _promote(
    connection: Connection,
    model: str,
    known: Sequence[Known],
    target: Known,
    why: tuple[str, str | None],
    said: Said,
) -> Switch:
    names = read_names(connection, model)
    before = _holder(known, CHAMPION)
    to = Standing(target.version, read_package(connection, target.version))
    what = f'switching champion of "{model}" to version {target.number}'
    changes = _changes(connection, before, target)
    said(changes)
    _prove(connection, model, to, what)
    run(connection, switch_champion(model, names.champion, to, *why), what)
    return _switched(model, CHAMPION, before, target, changes, why[1])


def _switched(
    model: str,
    alias: str,
    before: Known | None,
    target: Known,
    changes: tuple[str, ...],
    because: str | None,
) -> Switch:
    number = None if before is None else before.number
    is_lost = because is not None and number == target.number  # begin_switch writes of changes only
    return Switch(model, alias, number, target.number, target.version[:SHORT], changes, is_lost)


def _holder(known: Sequence[Known], alias: str) -> Known | None:
    """The version that has an alias."""
    return next((item for item in known if alias in item.aliases), None)


def _prove(connection: Connection, model: str, to: Standing, what: str) -> None:
    """Score the version's samples.

    Raises: DatabaseError, when its package is gone or does not compile, or a score is off.
    """
    if not has_unit(connection, to.package, "PACKAGE BODY"):
        raise DatabaseError(
            f"{what} failed: its package {to.package} is gone. Make it again:"
            f" export-model repair --name {shlex.quote(model)} --dsn ..."
        )
    prove = render("prove", {"package": quoted(to.package)})
    compiled = check_compiled("is the package valid?", [to.package])
    run(connection, [compiled, Statement("prove it: score the samples", prove)], what)


def _free_name(connection: Connection, model: str, alias: str) -> str:
    """The synonym of a new alias, as the dictionary spells it.

    Raises: DatabaseError, when something has that name; SqlTextError, when it is too long.
    """
    name = f"{model}_{alias}"
    ident(name, most_bytes(connection))
    key = catalog_name(name)
    found = execute(connection, "select count(*) from user_objects where object_name = :1", key)
    if found[0][0]:
        raise DatabaseError(
            f'the name {key} is taken: "{alias}" cannot be an alias of "{model}" here. Choose'
            " another, or rename what has the name."
        )
    return key


def _changes(connection: Connection, before: Known | None, target: Known) -> tuple[str, ...]:
    """What callers see change with the switch, as - and + lines."""
    if before is None or before.version == target.version:
        return ()
    return compare_versions(connection, before.version, target.version)
