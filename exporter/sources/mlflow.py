"""models:/ and runs:/ addresses, which MLflow's client resolves in a process of its own.

MLflow brings plugins, threads, logging and a report on its use that this program wants no part of;
there they end with the download, and so does a file that grows beyond its bound.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from exporter.errors import ArchiveError
from exporter.formats.child import ChildError, run_module
from exporter.progress import Bytes
from exporter.sources.address import Address, hide_secrets
from exporter.sources.download import Fetched, local_name
from exporter.sources.mlflow_client import ANSWER, Answer

TIMEOUT_S = 3600
SERVERS = ("MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI")
VARIABLES = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "PYTHONWARNINGS": "ignore",
}


def fetch_mlflow(address: Address, folder: Path, advance: Bytes) -> Fetched:
    """Download the file of a model that MLflow knows.

    Raises: ArchiveError.
    """
    if importlib.util.find_spec("mlflow") is None:
        raise ArchiveError(
            f"{address.shown} needs MLflow's client, which is not installed:"
            " pip install 'export-model[mlflow]'"
        )
    _check_servers(address.shown)
    try:
        run_module(
            "exporter.sources.mlflow_client", address.text, address.shown, folder,
            variables=VARIABLES, timeout_s=TIMEOUT_S,
        )  # fmt: skip
        answer = Answer(**json.loads((folder / ANSWER).read_text(encoding="utf-8")))
    except (ChildError, OSError, ValueError, TypeError) as error:
        raise ArchiveError(
            f"{address.shown} cannot be downloaded by MLflow: {hide_secrets(str(error))}"
        ) from error
    if answer.error:
        raise ArchiveError(answer.error)
    found = Path(answer.file)
    ending = "" if answer.name.endswith(found.suffix) else found.suffix
    path = found.rename(folder / local_name(f"{answer.name}{ending}"))
    advance(path.stat().st_size, path.stat().st_size)
    return Fetched(path, address.shown, answer.revision)


def _check_servers(shown: str) -> None:
    """Refuse what would let MLflow make a store of its own, where none is.

    Raises: ArchiveError.
    """
    named = {name: os.environ[name] for name in SERVERS if os.environ.get(name)}
    if not named:
        raise ArchiveError(
            f"{shown}: no MLflow is named. Set MLFLOW_TRACKING_URI, to https://... of a server,"
            " sqlite:///mlflow.db or a directory of runs (mlflow.set_tracking_uri does that too)."
        )
    for name, text in named.items():
        place = _local_place(text)
        if place is not None and not place.exists():
            raise ArchiveError(f"{shown}: {name} is {hide_secrets(text)}, and there is no {place}.")


def _local_place(text: str) -> Path | None:
    """The file or directory that a store of MLflow's is; None for a server."""
    if text.startswith("sqlite:///"):
        return Path(text.removeprefix("sqlite:///").partition("?")[0])
    if text.startswith("file:"):
        return Path(unquote(urlsplit(text).path))
    is_named = re.match(r"[\w+.-]+://", text) or text.startswith(("databricks", "uc:"))
    return None if is_named else Path(text)
