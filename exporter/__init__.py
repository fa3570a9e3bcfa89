"""Generator of in-database scoring extensions: a trained network becomes SQL functions.

    import exporter
    model = exporter.read("model.keras")
    exporter.deploy(model, "postgresql://localhost/bank", name="fraud").verify()

docs/api.md has the rest. A name is imported when it is used first, because numpy, h5py and the
drivers of databases take time that not every program owes them.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from exporter.errors import (
    ArchiveError,
    DatabaseError,
    ExportError,
    Problem,
    ShapeError,
    SignatureError,
    SqlTextError,
    UnsupportedError,
    VerificationError,
)

if TYPE_CHECKING:
    from exporter.api import (
        Deployment,
        compare,
        deploy,
        doctor,
        drop,
        models,
        repair,
        run,
        score_table,
        script,
        verify,
    )
    from exporter.comparison.result import Comparison
    from exporter.databases.life import (
        Granted,
        JournalEntry,
        Removal,
        Switch,
        Upgrade,
        VersionEntry,
    )
    from exporter.databases.results import Check, Dropped, Entry, Report, Scoring
    from exporter.description import Description
    from exporter.installing import install, installation, uninstall
    from exporter.life import (
        alias,
        drop_version,
        grant,
        journal,
        promote,
        prune,
        revoke,
        rollback,
        unalias,
        upgrade,
        versions,
    )
    from exporter.reading import Model, read
    from exporter.sql.script import Script

__version__ = "0.1.0"
__all__ = [
    "ArchiveError",
    "Check",
    "Comparison",
    "DatabaseError",
    "Deployment",
    "Description",
    "Dropped",
    "Entry",
    "ExportError",
    "Granted",
    "JournalEntry",
    "Model",
    "Problem",
    "Removal",
    "Report",
    "Scoring",
    "Script",
    "ShapeError",
    "SignatureError",
    "SqlTextError",
    "Switch",
    "UnsupportedError",
    "Upgrade",
    "VerificationError",
    "VersionEntry",
    "alias",
    "compare",
    "deploy",
    "doctor",
    "drop",
    "drop_version",
    "grant",
    "install",
    "installation",
    "journal",
    "models",
    "promote",
    "prune",
    "read",
    "repair",
    "revoke",
    "rollback",
    "run",
    "score_table",
    "script",
    "unalias",
    "uninstall",
    "upgrade",
    "verify",
    "versions",
]

_HOMES = {
    "Granted": "exporter.databases.life",
    "JournalEntry": "exporter.databases.life",
    "Removal": "exporter.databases.life",
    "Switch": "exporter.databases.life",
    "Upgrade": "exporter.databases.life",
    "VersionEntry": "exporter.databases.life",
    "Check": "exporter.databases.results",
    "Comparison": "exporter.comparison.result",
    "Description": "exporter.description",
    "Dropped": "exporter.databases.results",
    "Entry": "exporter.databases.results",
    "Report": "exporter.databases.results",
    "Scoring": "exporter.databases.results",
    "Script": "exporter.sql.script",
    **dict.fromkeys(
        (
            "alias",
            "drop_version",
            "grant",
            "journal",
            "promote",
            "prune",
            "revoke",
            "rollback",
            "unalias",
            "upgrade",
            "versions",
        ),
        "exporter.life",
    ),
    **dict.fromkeys(("Model", "read"), "exporter.reading"),
    **dict.fromkeys(("install", "installation", "uninstall"), "exporter.installing"),
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES.get(name, "exporter.api")), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
