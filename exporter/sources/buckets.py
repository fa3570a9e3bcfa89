"""s3:// and gs:// addresses, through the file systems of fsspec; the state that is read is one."""

from __future__ import annotations

import importlib
import importlib.util
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from exporter.errors import ArchiveError
from exporter.formats.opening import first_line
from exporter.progress import Bytes
from exporter.sources.address import Address, hide_secrets
from exporter.sources.download import PIECE, Fetched, check_size, local_name, write_pieces


@dataclass(frozen=True)
class Store:
    """A kind of object store.

    module and system name fsspec's file system for it, extra what installs it. query is what names
    a version in an address, pin stands before it where the library wants it. keys are what the
    library calls the version and its digest, the most telling first. rights says where credentials
    come from.
    """

    title: str
    module: str
    system: str
    extra: str
    query: str
    pin: str
    keys: tuple[tuple[str, str], ...]
    rights: str


S3 = Store(
    "S3",
    "s3fs",
    "S3FileSystem",
    "s3",
    "versionId",
    "?versionId=",
    (("VersionId", "version"), ("ETag", "ETag")),
    "Credentials are those of boto3: AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY,"
    " or the machine's role; FSSPEC_S3_ANON=true for what is public; another server's address goes"
    " into AWS_ENDPOINT_URL.",
)
GCS = Store(
    "Google Cloud Storage",
    "gcsfs.core",  # the package's own asks by gRPC, for a minute, what kind of bucket it is
    "GCSFileSystem",
    "gcs",
    "generation",
    "#",
    (("generation", "generation"), ("etag", "etag")),
    "Credentials are Google's defaults: GOOGLE_APPLICATION_CREDENTIALS, gcloud's login, or the"
    " machine's account; FSSPEC_GCS_TOKEN=anon for what is public.",
)
FRESH = {"use_listings_cache": False, "skip_instance_cache": True}  # credentials may be others now
BUCKET = re.compile(r"[A-Za-z0-9][\w.-]+", re.ASCII)


def fetch_object(store: Store, address: Address, folder: Path, advance: Bytes) -> Fetched:
    """Download an object of a bucket, in the version that the address names or that is there.

    Raises: ArchiveError.
    """
    place, version = _split(store, address)
    package = store.module.partition(".")[0]
    if importlib.util.find_spec(package) is None:
        raise ArchiveError(
            f"{address.shown} needs {package}, which is not installed:"
            f" pip install 'export-model[{store.extra}]'"
        )
    path = folder / local_name(place)
    try:
        make = getattr(importlib.import_module(store.module), store.system)
        system = make(version_aware=bool(version), **FRESH)
        whole = f"{place}{store.pin}{version}" if version else place
        about = system.info(whole)
        size = _size(about, address.shown)
        with system.open(whole, "rb", block_size=PIECE, cache_type="readahead") as content:
            pieces = _pieces(content, store, address.shown)
            write_pieces(path, pieces, size, address.shown, advance)
        after = about if version else system.info(whole)
    except Exception as error:  # the libraries have dozens of their own
        raise _refusal(error, store, address.shown) from error
    if _revision(store, after) != _revision(store, about):
        raise ArchiveError(f"{address.shown} was written anew while it was downloaded. Try again.")
    return Fetched(path, address.shown, _revision(store, about))


def _split(store: Store, address: Address) -> tuple[str, str]:
    """BUCKET/KEY, and the version; "" for the one that is there now.

    Raises: ArchiveError.
    """
    place, _, query = address.rest.removeprefix("//").partition(f"?{store.query}=")
    version = parse_qs(f"v={query}").get("v", [""])[0]
    bucket, _, key = place.partition("/")
    if "@" in bucket:
        raise ArchiveError(f"{address.shown}: no user stands in such an address. {store.rights}")
    if not BUCKET.fullmatch(bucket) or not key or key.endswith("/"):
        raise ArchiveError(
            f"{address.shown} names no object; write {address.scheme}://BUCKET/KEY of a file."
        )
    return place, version


def _size(about: dict[str, Any], shown: str) -> int:
    if about.get("type") != "file":
        raise ArchiveError(f"{shown} is a folder; name the model's file in it.")
    size = int(about["size"])
    check_size(size, shown)
    return size


def _pieces(content: Any, store: Store, shown: str) -> Iterator[bytes]:
    try:
        while piece := content.read(PIECE):
            yield piece
    except Exception as error:  # not OSErrors of the file that is written
        raise _refusal(error, store, shown) from error


def _revision(store: Store, about: dict[str, Any]) -> str:
    """What the store calls the state of an object; "null" is S3's version where none are kept."""
    for key, name in store.keys:
        value = str(about.get(key) or "").strip('"')
        if value and value != "null":
            return f"{name} {hide_secrets(value)[:200]}"
    return ""


def _refusal(error: Exception, store: Store, shown: str) -> ArchiveError:
    """What went wrong, in words of ours where it is the usual."""
    if isinstance(error, ArchiveError):
        return error
    if isinstance(error, FileNotFoundError):
        return ArchiveError(f"{shown}: there is no such object.")
    text = hide_secrets(first_line(error))
    if isinstance(error, PermissionError) or "redential" in f"{type(error).__name__} {text}":
        return ArchiveError(
            f"{shown}: {store.title} does not let you read it ({text}). {store.rights}"
        )
    return ArchiveError(f"{shown} cannot be downloaded from {store.title}: {text}. {store.rights}")
