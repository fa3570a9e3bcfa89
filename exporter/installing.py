"""What a Python program calls to install what models share, so that plain roles can deploy."""

from __future__ import annotations

from exporter import databases
from exporter.databases.database import Database
from exporter.errors import DatabaseError
from exporter.places import Place
from exporter.progress import Steps, show_steps
from exporter.sql.script import Script

FIRST = next(iter(databases.DATABASES))


def installation(
    *, target: str = FIRST, deployers: str | None = None, schema: str | None = None
) -> Script:
    """The script of install(), for somebody else to run.

    Raises: as install, without a server.
    """
    return _compile(databases.get_database(target), deployers, schema)


def install(
    database: Place,
    *,
    deployers: str | None = None,
    schema: str | None = None,
    progress: bool | Steps = False,
) -> Script:
    """Make what models share, or bring it up to date, as a superuser: from then on the deployers
    deploy models of their own. In PostgreSQL deployers is a role, which is made where it is
    missing, and unless it is given the one that is there already, else export_model_deployer; in
    Oracle users by commas, or public, and schema is where it goes.

    Raises: DatabaseError, when this role may not, or nothing is installed there on its own.
    """
    found = databases.find_database(database)
    made = _compile(found, deployers, schema)
    with show_steps(progress, len(made.statements)) as advance:
        found.installation.install(made, database, advance)
    return made


def uninstall(database: Place) -> None:
    """Remove what install() made, where no model is left.

    Raises: DatabaseError, when models are there, which are named.
    """
    databases.database_of(database).installation.uninstall(database)


def _compile(wanted: Database, deployers: str | None, schema: str | None) -> Script:
    of_database = wanted.installation
    if deployers is not None and not deployers.strip():
        raise DatabaseError("deployers are nobody: name who may deploy, or leave it out.")
    if schema is None:
        return of_database.compile(deployers)
    if not of_database.takes_schema:
        raise DatabaseError(f"{wanted.title} takes no schema to install in: leave it out.")
    return of_database.compile(deployers, schema=schema)
