"""A web server on this machine, with a certificate that only SSL_CERT_FILE makes trusted."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Answer = Callable[[BaseHTTPRequestHandler], None]
"""What is done with a request for a path."""


@dataclass
class WebServer:
    """A running server: where it is, what it answers by path, and what was asked."""

    origin: str
    certificate: Path
    answers: dict[str, Answer]
    asked: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)

    def asked_for(self, path: str) -> list[Mapping[str, str]]:
        """The headers of the requests for a path."""
        return [headers for known, headers in self.asked if known == path]


def file_of(content: bytes, **headers: str) -> Answer:
    """A file, as servers send it; headers with _ for -."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        lines = {"Content_Length": str(len(content))} | headers
        for name, value in lines.items():
            if value:
                request.send_header(name.replace("_", "-"), value)
        request.end_headers()
        request.wfile.write(content)

    return answer


def status(code: int, **headers: str) -> Answer:
    """An answer without a file, as for what is not there."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(code)
        for name, value in headers.items():
            request.send_header(name, value)
        request.send_header("Content-Length", "0")
        request.end_headers()

    return answer


@contextmanager
def web_server(folder: Path, is_https: bool = True) -> Iterator[WebServer]:
    """A server that ends with the block; its certificate is written into the folder."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 20

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            running.asked.append((path, dict(self.headers.items())))
            self.close_connection = True
            running.answers.get(path, status(404))(self)

        def log_message(self, *args: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    certificate = folder / "certificate.pem"
    if is_https:
        write_certificate(certificate)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        # The handshake is done by the thread of the request: one that fails is no matter of accept.
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
        server.handle_error = lambda *_: None  # type: ignore[method-assign]
    scheme = "https" if is_https else "http"
    running = WebServer(f"{scheme}://127.0.0.1:{server.server_port}", certificate, {})
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield running
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def write_certificate(path: Path) -> None:
    """A certificate for 127.0.0.1 that nobody has signed but itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.timezone.utc)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
