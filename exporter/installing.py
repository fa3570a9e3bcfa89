"""What a Python program calls to install what models share, so that plain roles can deploy."""

from __future__ import annotations

from exporter import databases
from exporter.databases.installation import DEPLOYERS
from exporter.places import Place
from exporter.progress import Steps, show_steps
from exporter.sql.script import Script

FIRST = next(iter(databases.DATABASES))


def installation(*, target: str = FIRST, deployers: str = DEPLOYERS) -> Script:
    """The script of install(), for somebody else to run. deployers: the role whose members deploy.

    Raises: DatabaseError, for a target where nothing is installed on its own.
    """
    return databases.get_database(target).installation.compile(deployers)


def install(
    database: Place, *, deployers: str = DEPLOYERS, progress: bool | Steps = False
) -> Script:
    """Make what models share, or bring it up to date, as a superuser: from then on the members of
    the role deployers deploy models of their own. The role is made where it is missing.

    Raises: DatabaseError, when this role may not.
    """
    found = databases.find_database(database)
    made = found.installation.compile(deployers)
    with show_steps(progress, len(made.statements)) as advance:
        found.installation.install(made, database, advance)
    return made


def uninstall(database: Place) -> None:
    """Remove what install() made, where no model is left.

    Raises: DatabaseError, when models are there, which are named.
    """
    databases.database_of(database).installation.uninstall(database)
