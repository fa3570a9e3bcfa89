"""Addresses that files are named by, and how they are shown: without what lets somebody in."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode, urlsplit

from exporter.errors import ArchiveError

ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://|(models|runs):/", re.I)
MAX_LENGTH = 2000
# What a query says about which file it is. Anything else in one may be a signature or a token.
VERSIONS = ("versionId", "generation")
USER = re.compile(r"(?<=://)[^/\s'\"]*@")
QUERY = re.compile(r"\?[^\s'\"<>]*=[^\s'\"<>]*")
REMOVED = "..."


@dataclass(frozen=True)
class Address:
    """An address: its scheme in lower case and what stands behind `:`; shown is it without names,
    passwords and queries, for messages and registries."""

    scheme: str
    rest: str = field(repr=False)
    shown: str

    @property
    def text(self) -> str:
        """It whole, for whoever downloads it."""
        return f"{self.scheme}:{self.rest}"


def is_address(source: object) -> bool:
    """Is it an address, and not the path of a file? `./models:/x` is a path."""
    return isinstance(source, str) and ADDRESS.match(source) is not None


def parse_address(text: str) -> Address:
    """An address, taken apart as far as all of them are alike.

    Raises: ArchiveError, when it is too long, or holds what no address does.
    """
    scheme, _, rest = text.partition(":")
    scheme = scheme.lower()
    if len(text) > MAX_LENGTH:
        raise ArchiveError(
            f"an address of {scheme}: has {len(text):,} characters, the limit is {MAX_LENGTH:,}."
        )
    if not text.isprintable():
        raise ArchiveError(
            f"an address of {scheme}: holds a line break or another character that is not"
            " printable. Check how it was put together."
        )
    return Address(scheme, rest, f"{scheme}:{_show(scheme, rest)}")


def hide_secrets(text: str) -> str:
    """A message of somebody else's library without the users, passwords and queries of addresses
    in it, on one line that a terminal shows as it is."""
    text = QUERY.sub(f"?{REMOVED}", USER.sub(f"{REMOVED}@", text))
    return "".join(c if c.isprintable() else " " for c in text)


def _show(scheme: str, rest: str) -> str:
    if scheme in ("s3", "gs"):  # a key may hold ?, # and %
        key, mark, query = rest.rpartition("?")
        kept = _versions(query) if mark else ""
        place = key if kept else rest
        bucket, slash, name = place.removeprefix("//").partition("/")
        return f"//{bucket.rpartition('@')[2]}{slash}{name}{kept}"
    if not rest.startswith("//"):
        return rest
    try:
        parts = urlsplit(f"{scheme}:{rest}")
    except ValueError as error:
        raise ArchiveError(f"an address of {scheme}: is none: {error}.") from error
    kept = _versions(parts.query)
    left_out = f"?{REMOVED}" if parts.query and not kept else ""
    return f"//{parts.netloc.rpartition('@')[2]}{parts.path}{kept}{left_out}"


def _versions(query: str) -> str:
    """The part of a query that names a version of a file, with its question mark."""
    pairs = [(name, value) for name, value in parse_qsl(query) if name in VERSIONS]
    return f"?{urlencode(pairs)}" if pairs else ""
