"""What is deployed in a database, and how it is removed."""

from __future__ import annotations

from dataclasses import replace

import psycopg2

from exporter.databases.greenplum.script import ON_SEGMENTS, SPELLING_OF_6
from exporter.databases.postgres.catalog import (
    has_manifests,
    has_owners,
    list_models,
    readable,
    shown,
)
from exporter.databases.postgres.connection import (
    Connection,
    commit,
    connect,
    execute,
    explain,
    explain_needed,
    has_registry,
)
from exporter.databases.postgres.helpers import CALLER_HELPERS, OWNER_HELPERS, POLICY_HELPERS
from exporter.databases.postgres.inspection import find_missing_roles, inspect
from exporter.databases.postgres.owners import (
    find_deployer,
    find_strangers,
    require_languages,
    require_own,
    require_removable,
)
from exporter.databases.postgres.removal import watch_removal
from exporter.databases.postgres.shared import ENGINES
from exporter.databases.postgres.turns import read_settled, take_turn
from exporter.databases.postgres.verify import guess_model
from exporter.databases.results import Dropped, Entry, mend, tell_damages
from exporter.errors import DatabaseError
from exporter.ir.restore import restore_window
from exporter.ir.windows import Window
from exporter.manifest import UNREADABLE, parse_stored
from exporter.places import Place
from exporter.sql.templates import render

MAX_WINDOW = 2**20  # characters of a window in a plan, whose end it is


def list_versions(dsn: Place) -> list[Entry]:
    """All versions in the database, newest first within each model.

    Raises: DatabaseError, when it cannot be read.
    """
    return read_settled(dsn, _list_versions, _is_whole)


def _list_versions(connection: Connection) -> list[Entry]:
    require_own(connection)
    if not has_registry(connection):
        return []
    columns = f"{shown('v.format')}, {shown('v.format_version')}"
    if not has_manifests(connection):
        columns = "'keras', v.keras_version"
    owner = "m.owner" if has_owners(connection) else "''"
    # The drivers take timestamps apart in this form alone, and the session may have another.
    execute(connection, "set local datestyle = 'ISO'")
    rows = execute(
        connection,
        "select v.model, substr(v.version, 1, 12), v.version = m.current_version,"
        f" {shown('v.inputs')}, {shown('v.outputs')}, v.parameters, {shown('v.source_file')},"
        f" {columns}, {readable('v.deployed_at')}, {shown('v.deployed_by')}, {owner},"
        " case when position('\"window\":{' in v.plan) > 0 then"
        f" substr(v.plan, position('\"window\":{{' in v.plan), {MAX_WINDOW}) end"
        " from export_model.versions v join export_model.models m on m.name = v.model"
        " order by v.model, v.deployed_at desc",
    )
    states = {model: _state(connection, model) for model in list_models(connection)}
    entries = [
        replace(Entry(*row), window=_read_window(plan), owner=owner) for *row, owner, plan in rows
    ]
    return [
        replace(entry, state=states[entry.model][0], advice=states[entry.model][1])
        if entry.is_current and entry.model in states
        else entry
        for entry in entries
    ]


def _is_whole(entries: list[Entry]) -> bool:
    return not any(entry.state.startswith("damaged") for entry in entries)


def _read_window(end: str | None) -> Window | None:
    """That of a plan's end, where it stands; none where it is no plan, which the state tells."""
    try:
        return None if end is None else restore_window(parse_stored("{" + end).get("window"))
    except UNREADABLE:
        return None


def _state(connection: Connection, model: str) -> tuple[str, str]:
    """In a few words whether a model is as it was made, and what to do where it is not."""
    deployer = find_deployer(connection, model)
    if find_strangers(connection, model, also=[deployer] if deployer else []):
        return "belongs to others, see: export-model doctor", ""
    differences = inspect(connection, model)
    damages = [difference for difference in differences if not difference.is_old]
    if damages:
        return f"damaged: {tell_damages(damages)}", mend(model, damages)
    state = "ok, made by another export-model" if differences else "ok"
    return "; ".join([state, *find_missing_roles(connection, model).values()]), ""


def drop(dsn: Place, model: str, force: bool = False) -> Dropped:
    """Remove a model and all its versions, as far as they are still there, by a function that comes
    along: a damaged registry is no obstacle. force removes what depends on the model too.

    Raises: DatabaseError, when it is not there or other objects depend on it.
    """
    helpers = [*OWNER_HELPERS, *CALLER_HELPERS, *POLICY_HELPERS, *ON_SEGMENTS]
    for engine in ENGINES:
        helpers += engine.making.helper_names()
    variables = {"schema": "pg_temp", "helpers": helpers}
    with connect(dsn) as connection:
        take_turn(connection, model)
        require_removable(connection, model)
        require_languages(connection)
        execute(connection, render(("postgres",), "restore_names", {"model": model, "short": ""}))
        require_removable(connection, model)
        spelling = SPELLING_OF_6 if connection.server_version < 100000 else ()
        sql = render(("postgres",), "drop_model", variables, spelling=spelling)
        what = f'dropping "{model}" failed, nothing was removed'
        try:
            with watch_removal(connection, model) as gone:
                execute(connection, sql)
                execute(connection, "select pg_temp.drop_model(%s, %s)", (model, force))
                execute(connection, "drop function pg_temp.drop_model(text, boolean)")
            commit(connection)
        except psycopg2.errors.DependentObjectsStillExist as error:
            raise explain_needed(error, what, "let the same command do it with --force") from error
        except psycopg2.Error as error:
            problem = explain(error, what)
            if error.diag.message_primary == f'there is no model "{model}"':
                connection.rollback()
                meant = guess_model(connection, model)
                problem = DatabaseError(f"{problem}\n  {meant}") if meant else problem
            raise problem from error
    return Dropped(model, gone.own, gone.others, gone.left, gone.is_last)
