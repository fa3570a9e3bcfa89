"""Which version a model's functions, and those of its aliases, belong to: switched in one
transaction, from the registry alone, and proved by the samples."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from exporter.databases.changes import Meaning, find_come, find_gone, tell_functions, tell_meanings
from exporter.databases.greenplum.script import GreenplumCompiler
from exporter.databases.known import CHAMPION, SWITCHES, Known, choose_earlier, choose_version
from exporter.databases.life import Said, Switch
from exporter.databases.postgres.callers import (
    FIRST,
    list_headers,
    read_meaning,
    refuse_needed,
)
from exporter.databases.postgres.catalog import Function, list_own_functions
from exporter.databases.postgres.connection import (
    Connection,
    commit,
    connect,
    execute,
    is_greenplum_6,
)
from exporter.databases.postgres.deployment import needed_statements, run, run_at_once
from exporter.databases.postgres.owners import require_languages, require_own, require_removable
from exporter.databases.postgres.ports import say_counted
from exporter.databases.postgres.script import Compiler, alias_kind
from exporter.databases.postgres.shared import FORMS, program_digest
from exporter.databases.postgres.stored import read_version
from exporter.databases.postgres.turns import take_turn
from exporter.databases.postgres.verify import require_model
from exporter.databases.postgres.versions import (
    list_known,
    require_life,
)
from exporter.engines.statements import REGISTRY, SHORT
from exporter.errors import DatabaseError
from exporter.manifest import Stored
from exporter.places import Place
from exporter.release import Release
from exporter.sql.templates import render

ALIAS = re.compile(r"[a-z][a-z0-9_]{0,29}")
TAKEN = re.compile(r"(table|batch|into|windows|stack|of)(_.*)?|.*_?[0-9a-f]{12}")
"""Endings of functions that a model has anyway."""
GO = "Drop those first."


def promote(place: Place, model: str, wanted: str | int, because: str | None, said: Said) -> Switch:
    """Make a version the champion; said is told what changes for callers, before anything does.

    Raises: DatabaseError, when there is no such version, its samples come out wrong, or objects of
    others need a function that would go; nothing is changed then.
    """
    with changing(place, model) as connection:
        known = list_known(connection, model)
        target = choose_version(model, known, wanted)
        return _switch(connection, model, known, target, CHAMPION, ("promote", because), said)


def rollback(place: Place, model: str, because: str | None, said: Said) -> Switch:
    """Make the version the champion that was it before, as the journal says; again goes further
    back.

    Raises: as promote; also when the journal knows no version before, or none that is there.
    """
    with changing(place, model) as connection:
        known = list_known(connection, model)
        target = _find_earlier(connection, model, known)
        return _switch(connection, model, known, target, CHAMPION, ("rollback", because), said)


def set_alias(
    place: Place, model: str, alias: str, wanted: str | int, because: str | None, said: Said
) -> Switch:
    """Make score_ALIAS and the like, which belong to a version.

    Raises: as promote; also for an alias that cannot be the end of a function's name.
    """
    check_alias(alias)
    with changing(place, model) as connection:
        known = list_known(connection, model)
        target = choose_version(model, known, wanted)
        return _switch(connection, model, known, target, alias, ("alias", because), said)


def remove_alias(place: Place, model: str, alias: str, because: str | None) -> Switch:
    """Remove an alias and its functions; the version stays.

    Raises: DatabaseError, when there is none of that name, or objects of others need its functions.
    """
    with changing(place, model) as connection:
        known = list_known(connection, model)
        held = next((item for item in known if alias in item.aliases and alias != CHAMPION), None)
        if held is None:
            there = [name for item in known for name in item.aliases if name != CHAMPION]
            raise DatabaseError(
                f'model "{model}" has no alias "{alias}"; there are: {", ".join(there) or "none"}.'
            )
        kind = alias_kind(alias)
        what = f'removing alias {alias} of "{model}"'
        refuse_needed(connection, model, list_headers(connection, model, kind), what, GO)
        of_all = {"model": model, "kind": kind, "aliases": []}
        execute(connection, render(("postgres",), "drop_outdated", of_all))
        execute(
            connection,
            "delete from export_model.aliases where model = %s and alias = %s",
            (model, alias),
        )
        write_journal(connection, model, "unalias", because, alias=alias, before=held.version)
        return Switch(model, alias, held.number, None, None)


@contextmanager
def changing(place: Place, model: str, *, removes: bool = False) -> Iterator[Connection]:
    """A transaction that changes a model of a registry of this format, committed at its end. Others
    that change something wait. Who only removes runs nothing of the model's: a superuser may do so
    with that of another role.

    Raises: DatabaseError, when there is no such model, or it is in the hands of others.
    """
    with connect(place) as connection:
        require_languages(connection)
        take_turn(connection, model)
        (require_removable if removes else require_own)(connection, model)
        require_model(connection, model)
        require_life(connection)
        if is_greenplum_6(connection):
            raise DatabaseError(
                "Greenplum 6 keeps versions but switches them by a deployment alone: deploy the"
                " file again. Greenplum 7 promotes, and has aliases."
            )
        yield connection
        commit(connection)


def check_alias(alias: str) -> None:
    """Raise DatabaseError for an alias that cannot be the end of a function's name, or would make
    that of another."""
    if alias == CHAMPION:
        raise DatabaseError(
            '"champion" is the version that the model\'s own functions belong to: switch it with'
            " promote."
        )
    if not ALIAS.fullmatch(alias) or TAKEN.fullmatch(alias):
        raise DatabaseError(
            f'"{alias}" cannot be an alias: it ends names of functions, as score_{alias}. Give'
            " small letters, digits and underscores, at most 30, beginning with a letter; not what"
            " functions of a model end in anyway (table, batch, into, windows, stack, of, and"
            " digests)."
        )


def write_journal(
    connection: Connection,
    model: str,
    action: str,
    because: str | None,
    *,
    alias: str | None = None,
    before: str | None = None,
    after: str | None = None,
) -> None:
    """One entry of the journal; before and after are versions."""
    entry = {"model": model, "action": action, "because": because, "alias": alias}
    of_versions = {"from_version": before, "to_version": after}
    execute(connection, render(("postgres",), "journal", {**entry, **of_versions}))


def make_compiler(connection: Connection, stored: Stored, release: Release) -> Compiler:
    """What compiles a version for the server and the engine that the registry says it is for."""
    manifest, block, samples = stored.manifest, stored.block, stored.samples
    ((name, database),) = execute(
        connection,
        "select engine, database from export_model.versions where version = %s",
        (manifest.version,),
    )
    if database == GreenplumCompiler.database:
        return GreenplumCompiler(manifest, block, samples, 7, release)
    engine = next((item for item in FORMS if item.name == name), None)
    if engine is None:
        raise DatabaseError(
            f'version {manifest.version[:SHORT]} is for engine "{name}", which this export-model'
            " does not know. Use the version that deployed it, or deploy the file again."
        )
    return Compiler(manifest, block, samples, engine, release)


def _switch(
    connection: Connection,
    model: str,
    known: Sequence[Known],
    target: Known,
    alias: str,
    why: tuple[str, str | None],
    said: Said,
) -> Switch:
    """The champion, or an alias, belongs to this version, whose own functions are mended first
    where they are not as this program makes them."""
    action, because = why
    before = next((item for item in known if alias in item.aliases), None)
    number, version = target.number, target.version[:SHORT]
    if before is not None and before.version == target.version:
        return Switch(model, alias, number, number, version, lost_reason=because is not None)
    ending = "" if alias == CHAMPION else alias
    what = f'switching {alias} of "{model}" to version {number}'
    stored = read_version(connection, model, target.version)
    compiler = make_compiler(connection, stored, Release(because=because))
    there = list_headers(connection, model, alias_kind(ending))
    wanted = compiler.calls(ending)
    gone = find_gone(there, wanted)
    changes: tuple[str, ...] = ()
    if before is not None and there:
        meanings = (read_meaning(connection, before.version), _meaning(stored))
        changes = (
            *tell_functions(gone, find_come(there, wanted)),
            *tell_meanings(*meanings),
        )
    said(changes)
    counted = say_counted(stored.manifest.outputs)
    refuse_needed(connection, model, gone, what, f"{FIRST}.", counted)
    functions = {function.key: function for function in list_own_functions(connection, model)}
    if not is_whole(functions, compiler):
        if target.is_champion:
            raise DatabaseError(
                f"functions of version {number} are damaged, or of another export-model. Mend the"
                f" model first: export-model repair --name {shlex.quote(model)} --dsn ..."
            )
        mending = make_compiler(connection, stored, Release(is_promoted=False))
        run(connection, needed_statements(connection, mending.compile()), what)
        functions = {}
    whole = {(f.key, f.statement or "") for f in functions.values() if not f.is_altered}
    run_at_once(connection, compiler.switch(ending, action, whole), what)
    if ending:
        old = None if before is None else before.version
        write_journal(
            connection, model, action, because, alias=alias, before=old, after=target.version
        )
    return Switch(model, alias, None if before is None else before.number, number, version, changes)


def _find_earlier(connection: Connection, model: str, known: Sequence[Known]) -> Known:
    """The version that was champion before, by the journal."""
    rows = execute(
        connection,
        "select action, from_version from export_model.journal where model = %s and alias is null"
        " and action = any(%s) order by id",
        (model, list(SWITCHES)),
    )
    return choose_earlier(model, known, rows)


def _meaning(stored: Stored) -> Meaning:
    signature = stored.manifest.signature
    return Meaning(signature.labels, signature.threshold)


def is_whole(there: Mapping[str, Function], compiler: Compiler) -> bool:
    """Are the version's own functions, and those of the registry, as this program makes them? there
    are those of both schemas, by key, of the registry at least those of list_own_functions."""
    registry = [f for f in there.values() if f.key.startswith(f"{REGISTRY}.drop_model(")]
    if not any(function.program == program_digest() for function in registry):
        return False
    runtime = str(compiler.runtime.function.identity).replace('"', "")
    wanted = {made.key: made.digest for made in compiler.own_functions()}
    found = [there.get(key) for key in wanted]
    is_same = all(
        function is not None and not function.is_altered and function.statement == digest
        for function, digest in zip(found, wanted.values(), strict=True)
    )
    return is_same and runtime in there
