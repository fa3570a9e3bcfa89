"""https:// addresses, by Python's own library: no redirect leads out of https, no end is missed.

fsspec's HTTP file system follows redirects to http:// too, and tells nothing of them.
"""

from __future__ import annotations

import base64
import http.client
import netrc
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPMessage, HTTPResponse
from pathlib import Path
from typing import IO, Any
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit

from exporter.errors import ArchiveError
from exporter.formats.opening import first_line
from exporter.progress import Bytes
from exporter.sources.address import Address, hide_secrets, parse_address
from exporter.sources.download import PIECE, Fetched, local_name, write_pieces

TIMEOUT_S = 60  # without a byte
SAFE = "/%:@!$&'()*+,;=~-._"  # in a path; anything else is quoted
REFUSED = {
    401: "the server wants a password; write it into ~/.netrc, or use an address that is signed",
    403: "the server does not let you read it; an address that is signed may have run out",
    404: "there is no such file",
    410: "there is no such file any more",
}


def fetch_https(address: Address, folder: Path, allow_http: bool, advance: Bytes) -> Fetched:
    """Download what an https:// address names; http:// only where that is allowed.

    Raises: ArchiveError.
    """
    parts = _split(address)
    _check_scheme(parts.scheme, address.shown, allow_http)
    path = folder / local_name(unquote(parts.path))
    with _open(parts, address.shown, allow_http) as response:
        length = response.headers.get("Content-Length")
        is_chunked = response.headers.get("Transfer-Encoding", "").lower() == "chunked"
        if not is_chunked and not (length or "").isdigit():
            raise ArchiveError(
                f"{address.shown}: the server does not say how long the file is, so its end could"
                " be missing. Download it by other means, and export the file."
            )
        size = None if is_chunked else int(length or 0)
        write_pieces(path, _pieces(response, address.shown), size, address.shown, advance)
        return Fetched(path, address.shown, _revision(response.headers))


def _split(address: Address) -> SplitResult:
    try:
        parts = urlsplit(address.text)
        _ = parts.port
    except ValueError as error:
        raise ArchiveError(f"{address.shown} is no address: {error}.") from error
    if not parts.hostname:
        raise ArchiveError(f"{address.shown} names no server.")
    return parts


def _check_scheme(scheme: str, shown: str, allow_http: bool) -> None:
    if scheme == "http" and not allow_http:
        raise ArchiveError(
            f"{shown} is http://, where anybody on the way can put another model in its place. Use"
            " https://, or allow it: --allow-http."
        )


def _open(parts: SplitResult, shown: str, allow_http: bool) -> HTTPResponse:
    """What the server answers, behind redirects.

    Raises: ArchiveError.
    """
    host = parts.netloc.rpartition("@")[2]
    path = quote(parts.path, safe=SAFE) or "/"
    query = f"?{quote(parts.query, safe=SAFE + '?')}" if parts.query else ""
    try:
        request = urllib.request.Request(
            f"{parts.scheme}://{host}{path}{query}",
            headers={"User-Agent": "export-model", "Accept-Encoding": "identity"},
        )
        for name, value in _authorization(parts).items():
            request.add_unredirected_header(name, value)
        answer: HTTPResponse = _opener(allow_http).open(request, timeout=TIMEOUT_S)
    except urllib.error.HTTPError as error:
        with error:
            raise ArchiveError(f"{shown}: {_explain_status(error)}.") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise ArchiveError(f"{shown} cannot be downloaded: {_explain(error)}") from error
    return answer


def _opener(allow_http: bool) -> urllib.request.OpenerDirector:
    """What opens nothing but https://, and http:// where that is allowed: no file://, no ftp://."""
    opener = urllib.request.OpenerDirector()
    handlers: list[urllib.request.BaseHandler] = [
        urllib.request.ProxyHandler(),
        urllib.request.HTTPSHandler(context=ssl.create_default_context()),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        _Redirects(allow_http),
    ]
    if allow_http:
        handlers.append(urllib.request.HTTPHandler())
    for handler in handlers:
        opener.add_handler(handler)
    return opener


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows a redirect to https:// (or http:// where allowed); who asks is told to no other
    server than the first."""

    def __init__(self, allow_http: bool) -> None:
        self.allowed = ("https", "http") if allow_http else ("https",)

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        """As the library does; where it may not be followed, an HTTPError that says where to."""
        if urlsplit(newurl).scheme not in self.allowed:
            raise urllib.error.HTTPError(req.full_url, code, msg, headers, fp)
        following = super().redirect_request(req, fp, code, msg, headers, newurl)
        if following is not None and _origin(following.full_url) == _origin(req.full_url):
            for name, value in req.unredirected_hdrs.items():
                following.add_unredirected_header(name, value)
        return following


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def _authorization(parts: SplitResult) -> dict[str, str]:
    """The header for the user and password of the address, else for those of ~/.netrc."""
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if not user and parts.scheme == "https":
        with suppress(OSError):  # most have none
            try:
                found = netrc.netrc().authenticators(parts.hostname or "")
            except netrc.NetrcParseError as error:
                raise ArchiveError(f"~/.netrc cannot be read: {first_line(error)}.") from error
            user, _, password = found or ("", "", "")
    if not user:
        return {}
    token = base64.b64encode(f"{user}:{password}".encode()).decode()
    return {"Authorization": f"Basic {token}"}


def _pieces(response: HTTPResponse, shown: str) -> Iterator[bytes]:
    try:
        while piece := response.read(PIECE):
            yield piece
    except (OSError, http.client.HTTPException) as error:
        raise ArchiveError(
            f"{shown} is not complete, the download ended early: {_explain(error)}"
        ) from error


def _revision(headers: Any) -> str:
    """What the server calls this state of the file."""
    for name in ("ETag", "Last-Modified"):
        if value := headers.get(name):
            return f"{name} {hide_secrets(value)[:200]}"
    return ""


def _explain_status(error: urllib.error.HTTPError) -> str:
    """What an answer means that is no file."""
    if 300 <= error.code < 400:
        target = urljoin(error.url, error.headers.get("Location", ""))
        return (
            f"the server redirects to {parse_address(hide_secrets(target)).shown}, which is not"
            " followed. Only https:// is, and not for ever; name the file's own address"
        )
    known = REFUSED.get(error.code)
    if known is None:
        reason = hide_secrets(str(error.reason))[:100]
        known = f"the server answers {error.code} {reason}; try again later"
    return known


def _explain(error: Exception) -> str:
    """Why there is no connection, or no longer one, and what to do."""
    reason = getattr(error, "reason", error)
    if isinstance(reason, ssl.SSLCertVerificationError):
        return (
            f"its certificate is not trusted ({reason.verify_message}). Name the file with the"
            " certificate of who signed it in the variable SSL_CERT_FILE."
        )
    if isinstance(reason, TimeoutError):
        return f"nothing came for {TIMEOUT_S} s. Try again later."
    text = getattr(reason, "strerror", None) or hide_secrets(first_line(reason))
    return f"{text}. Check the address and the connection."
