"""MLflow's client, asked in a process of its own: finds a model's file and downloads it.

`python -m exporter.sources.mlflow_client ADDRESS SHOWN FOLDER` leaves the file in FOLDER/content,
and ANSWER in FOLDER. No loader of MLflow is called, so nothing of a model is executed.
"""

from __future__ import annotations

import json
import re
import resource
import sys
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from exporter.errors import ArchiveError, counted, list_names
from exporter.formats.opening import first_line
from exporter.sources.address import hide_secrets
from exporter.sources.download import MAX_BYTES, check_size
from exporter.sources.flavours import MLMODEL, choose_files

ANSWER = "answer.json"
LOGGED = re.compile(r"m-[0-9a-f]{32}")
FORMS = "models:/NAME@ALIAS, models:/NAME/VERSION or runs:/RUN/PATH"


@dataclass(frozen=True)
class Answer:
    """What came of it: the file, what MLflow calls the model and this state of it; or the error."""

    file: str = ""
    name: str = ""
    revision: str = ""
    error: str = ""


@dataclass(frozen=True)
class Place:
    """Where a model's files lie: the address that MLflow lists, that which it downloads from, what
    the model is called and which version it is."""

    listed: str
    content: str
    name: str
    revision: str


def main() -> None:
    """Do what the command line says, and write what came of it."""
    address, shown, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_BYTES, MAX_BYTES))
    content = folder / "content"  # apart from the answer: files have the names that others gave
    content.mkdir()
    answer = ask(address, shown, content)
    (folder / ANSWER).write_text(json.dumps(asdict(answer)), encoding="utf-8")


def ask(address: str, shown: str, folder: Path) -> Answer:
    """Download the model's file; what stands in the way is told in the answer."""
    try:
        place = _find(address, shown)
        path, size = _choose(place, shown, folder)
        file = _download(place, path, folder)
        if size is not None and file.stat().st_size != size:
            raise ArchiveError(
                f"{shown}: {path} is not complete, {counted(file.stat().st_size, 'byte')}"
                f" of {size:,} came."
                " Try again; if it ends there again, its copy in the store is broken."
            )
    except ArchiveError as error:
        return Answer(error=str(error))
    except Exception as error:  # of MLflow, and of all that it asks servers and stores with
        return Answer(error=f"{shown}: MLflow says: {_explain(error)}")
    return Answer(str(file), place.name, place.revision)


def _find(address: str, shown: str) -> Place:
    """The model or the run that an address names; an alias becomes the version that it means now.

    Raises: ArchiveError; what MLflow raises.
    """
    from mlflow import MlflowClient

    client = MlflowClient()
    scheme, _, rest = address.partition(":")
    rest = rest.lstrip("/")
    if scheme == "runs":
        run, _, path = rest.partition("/")
        if not run or not path:
            raise ArchiveError(f"{shown} is no address of MLflow: write {FORMS}.")
        base = f"runs:/{client.get_run(run).info.run_id}/{path}"
        return Place(base, base, PurePosixPath(path).name, f"run {run}")
    if LOGGED.fullmatch(rest):
        logged = client.get_logged_model(rest)
        source = logged.source_run_id
        revision = f"model {rest}{f', run {source}' if source else ''}"
        return Place(f"models:/{rest}", logged.artifact_location, logged.name or "model", revision)
    name, mark, alias = rest.partition("@")
    if mark and name and alias and "/" not in rest:
        version = client.get_model_version_by_alias(name, alias)
    else:
        name, _, number = rest.rpartition("/")
        if not name or not number.isdecimal():
            raise ArchiveError(
                f"{shown} is no address of a version in MLflow: write {FORMS}. Stages and `latest`"
                " mean another version tomorrow, and an alias says which one is meant."
            )
        version = client.get_model_version(name, number)
    base = f"models:/{version.name}/{version.version}"
    run = f", run {version.run_id}" if version.run_id else ""
    return Place(base, base, version.name, f"version {version.version}{run}")


def _choose(place: Place, shown: str, folder: Path) -> tuple[str, int | None]:
    """The path of the model's file below the place, "" for the place itself, and its size.

    Raises: ArchiveError, when there is none, or it is too large.
    """
    there = _list(place.listed)
    if not there:  # a file, or nothing at all
        return "", None
    if MLMODEL not in there:
        raise ArchiveError(
            f"{shown} is a directory without {MLMODEL}. In it are: {list_names(sorted(there), 10)};"
            " name one of its files."
        )
    check_size(there[MLMODEL] or 0, shown)
    wanted = choose_files(_download(place, MLMODEL, folder).read_bytes(), shown)
    parent = str(PurePosixPath(wanted[0]).parent)
    if parent != ".":
        found = _list(f"{place.listed}/{parent}")
        there = {f"{parent}/{name}": size for name, size in found.items()}
    path = next((path for path in wanted if path in there), None)
    if path is None:
        raise ArchiveError(
            f"{shown} has no file {' or '.join(wanted)}; there is: {list_names(sorted(there), 10)}."
            " (A SavedModel is a directory: download it with `mlflow artifacts download`, and"
            " export that.)"
        )
    check_size(there[path] or 0, shown)
    return path, there[path]


def _list(place: str) -> dict[str, int | None]:
    """Names of what lies there, with sizes of files."""
    from mlflow.artifacts import list_artifacts

    return {PurePosixPath(i.path).name: i.file_size for i in list_artifacts(artifact_uri=place)}


def _download(place: Place, path: str, folder: Path) -> Path:
    """Download one file of the place into the folder.

    Raises: ArchiveError, when it is somewhere else then, or no file.
    """
    from mlflow.artifacts import download_artifacts

    whole = f"{place.content}/{path}" if path else place.content
    file = Path(download_artifacts(artifact_uri=whole, dst_path=str(folder)))
    if not file.is_file() or not file.resolve().is_relative_to(folder.resolve()):
        raise ArchiveError(f"{hide_secrets(whole)} is no file.")
    return file


def _explain(error: Any) -> str:
    """An error of MLflow on one line, with what to do about the most frequent."""
    text = hide_secrets(first_line(error))
    if isinstance(error, ModuleNotFoundError):
        return f"{text}; install what this store needs beside mlflow: pip install {error.name}"
    return f"{text}. Check the address, and the server in MLFLOW_TRACKING_URI."


if __name__ == "__main__":
    main()
