"""Where model files come from: what an address names is downloaded, and then is any file."""

from __future__ import annotations

from pathlib import Path

from exporter.errors import ArchiveError, list_names
from exporter.progress import Bytes
from exporter.sources.address import is_address, parse_address
from exporter.sources.download import Fetched

__all__ = ["SCHEMES", "Fetched", "fetch", "is_address"]

SCHEMES = ("https", "http", "s3", "gs", "models", "runs")


def fetch(source: str, folder: Path, *, allow_http: bool, advance: Bytes) -> Fetched:
    """Download what an address names into a folder that nobody else can read.

    Libraries are imported here, by those who need one. What is left behind by a download that
    failed goes with the folder.
    Raises: ArchiveError.
    """
    address = parse_address(source)
    if address.scheme in ("https", "http"):
        from exporter.sources.https import fetch_https

        return fetch_https(address, folder, allow_http, advance)
    if address.scheme in ("s3", "gs"):
        from exporter.sources.buckets import GCS, S3, fetch_object

        store = S3 if address.scheme == "s3" else GCS
        return fetch_object(store, address, folder, advance)
    if address.scheme in ("models", "runs"):
        from exporter.sources.mlflow import fetch_mlflow

        return fetch_mlflow(address, folder, advance)
    what = (
        "Give the path itself" if address.scheme == "file" else "Download the file by other means"
    )
    raise ArchiveError(
        f"{address.shown}: {address.scheme}: is not read, but"
        f" {list_names([f'{name}:' for name in SCHEMES])} and files are. {what}."
    )
