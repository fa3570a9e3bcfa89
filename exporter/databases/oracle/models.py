"""What is deployed in an Oracle schema: list it, verify it, remove it."""

from __future__ import annotations

from exporter.databases.oracle.connection import (
    Connection,
    connect,
    current_package,
    execute,
    explain,
    has_column,
    has_registry,
    tell,
)
from exporter.databases.oracle.deployment import is_done, run
from exporter.databases.oracle.registry import (
    REGISTRY_COMMENT,
    REGISTRY_COMMENTS,
    model_key,
    uninstall,
)
from exporter.databases.results import Dropped, Entry, Report
from exporter.errors import DatabaseError
from exporter.places import Place

NEWER_MEND = "Use that version of export-model: pip install --upgrade export-model"
LISTED = (
    "package_name, model, version, inputs, outputs, parameters, source_file, {}, deployed_at,"
    " deployed_by"
)


def list_versions(dsn: Place) -> list[Entry]:
    """All verified versions of this user, newest first within each model.

    Raises: DatabaseError, when they cannot be read.
    """
    with connect(dsn) as connection:
        require_known(connection)
        if not has_registry(connection):
            return []
        is_moved = has_column(connection, "FORMAT_VERSION")
        columns = "format, format_version" if is_moved else "'keras', keras_version"
        rows = execute(
            connection,
            f"select {LISTED.format(columns)} from export_model_versions where state = 'verified'"
            " order by model, deployed_at desc",
        )
        current = {model: current_package(connection, model) for model in {row[1] for row in rows}}
    return [
        Entry(
            model=model,
            version=version[:12],
            is_current=package == current[model],
            inputs=inputs,
            outputs=outputs,
            parameters=int(parameters),
            source_file=source_file,
            format=format_name,
            format_version=format_version,
            deployed_at=deployed_at,
            deployed_by=deployed_by,
        )
        for (
            package,
            model,
            version,
            inputs,
            outputs,
            parameters,
            source_file,
            format_name,
            format_version,
            deployed_at,
            deployed_by,
        ) in rows
    ]


def verify(dsn: Place, model: str) -> Report:
    """Score the samples of the version that the synonym stands for.

    Raises: DatabaseError, when there is no such model or it cannot be scored at all.
    """
    import oracledb

    key = model_key(model)
    with connect(dsn) as connection:
        package = require_package(connection, key)
        rows = execute(
            connection,
            "select expected_by, tolerance from export_model_versions where package_name = :1",
            package,
        )
        with connection.cursor() as cursor:
            samples, failed = cursor.var(int), cursor.var(int)
            difference = cursor.var(oracledb.DB_TYPE_BINARY_DOUBLE)
            sql = f'begin "{package}".verify(:samples, :failed, :difference); end;'
            tell(sql)
            try:
                cursor.execute(
                    sql,
                    {"samples": samples, "failed": failed, "difference": difference},
                )
            except oracledb.Error as error:
                raise explain(error, f'verifying "{key}" failed') from error
    return Report(
        key,
        int(samples.getvalue()),
        int(failed.getvalue()),
        float(difference.getvalue() or 0.0),
        float(rows[0][1]),
        str(rows[0][0]),
    )


def drop(dsn: Place, model: str, force: bool) -> Dropped:
    """Remove a model and all its versions; after the last model the registry too. Oracle drops what
    others depend on, and marks those objects invalid.

    Raises: DatabaseError, when it is not there or the database refuses; also for force.
    """
    if force:
        raise DatabaseError("--force is for PostgreSQL; nothing stops a drop in Oracle.")
    script = uninstall(model)
    with connect(dsn) as connection:
        require_known(connection)
        if is_done(connection, script):
            raise _no_model(script.model)
        run(connection, script.statements, f'dropping "{script.model}"')
    return Dropped(script.model)


def require_package(connection: Connection, model: str) -> str:
    """The package that the model's synonym stands for.

    Raises: DatabaseError, when this user has no such model.
    """
    require_known(connection)
    package = current_package(connection, model) if has_registry(connection) else None
    if package is None:
        raise _no_model(model)
    return package


def read_comment(connection: Connection) -> str | None:
    """What the registry says that it is."""
    rows = execute(
        connection,
        "select comments from user_tab_comments where table_name = 'EXPORT_MODEL_VERSIONS'",
    )
    return rows[0][0] if rows else None


def is_newer(comment: str | None) -> bool:
    """Is it a registry that only a newer program understands?"""
    begin = REGISTRY_COMMENT.rpartition(" ")[0]
    return comment is not None and comment.startswith(begin) and comment not in REGISTRY_COMMENTS


def require_known(connection: Connection) -> None:
    """Raise DatabaseError where only a newer program understands the registry."""
    comment = read_comment(connection)
    if is_newer(comment):
        raise DatabaseError(
            f'the registry says "{comment}", which a newer export-model made. {NEWER_MEND}'
        )


def _no_model(model: str) -> DatabaseError:
    return DatabaseError(
        f'this user has no model "{model}". See: export-model list --dsn ...; models of other'
        f" users are managed as those users."
    )
