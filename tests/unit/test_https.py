"""Models from a web server: what comes is whole and from where it was asked, or nothing is left."""

from __future__ import annotations

import gc
import json
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import numpy as np
import pytest
from commands import POSTGRES, PROGRAM, environment, run, write_sigmoid
from web_server import Answer, WebServer, file_of, status, web_server

from exporter import api
from exporter.errors import ArchiveError
from exporter.sources import download

TAG = '"v7"'


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A model's file."""
    return write_sigmoid(tmp_path_factory.mktemp("model") / "m.h5").read_bytes()


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[WebServer, WebServer]]:
    """A server with https, and one without."""
    folder = tmp_path_factory.mktemp("servers")
    with web_server(folder) as secure, web_server(folder, is_https=False) as plain:
        yield secure, plain


@pytest.fixture
def web(
    servers: tuple[WebServer, WebServer],
    content: bytes,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> WebServer:
    """The one with https, trusted, and the model at /fraud.h5; temporary/ is for downloads."""
    web, _ = servers
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setenv("SSL_CERT_FILE", str(web.certificate))
    monkeypatch.setenv("HOME", str(tmp_path))
    web.asked.clear()
    web.answers.clear()
    web.answers["/fraud.h5"] = file_of(content, ETag=TAG)
    return web


def left(folder: Path) -> list[Path]:
    """What downloads left behind."""
    if any((folder / "temporary").iterdir()):
        gc.collect()  # what a cycle of references holds
    return list((folder / "temporary").iterdir())


def test_a_model_is_read_and_its_file_goes_with_it(
    web: WebServer, content: bytes, tmp_path: Path
) -> None:
    came: list[tuple[int, int]] = []
    model = api.read(f"{web.origin}/fraud.h5", progress=lambda *sizes: came.append(sizes))
    assert model.path.name == "fraud.h5"
    assert model.path.parent.stat().st_mode & 0o777 == 0o700
    facts = model.facts()
    assert facts["source_uri"] == f"{web.origin}/fraud.h5"
    assert facts["source_revision"] == f"ETag {TAG}"
    assert f"from    {web.origin}/fraud.h5 (ETag {TAG})\n" in str(model)
    assert came == [(len(content), len(content))]
    made = api.script(model, target="postgres", expected_by="float64")
    assert made.model == "fraud"
    local = api.read(write_sigmoid(tmp_path / "fraud.h5"))
    assert made.version == api.script(local, target="postgres", expected_by="float64").version
    assert left(tmp_path)
    del model
    assert left(tmp_path) == []


def short(content: bytes) -> Answer:
    return file_of(content[: len(content) // 2], Content_Length=str(len(content)))


def cut_chunks(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.send_header("Transfer-Encoding", "chunked")
    request.end_headers()
    request.wfile.write(b"5\r\nfirst\r\n")


def chunks(content: bytes) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Transfer-Encoding", "chunked")
        request.end_headers()
        for piece in (content[:100], content[100:]):
            request.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        request.wfile.write(b"0\r\n\r\n")

    return answer


REFUSED: dict[str, tuple[Answer, str]] = {
    "not there": (status(404), "there is no such file"),
    "no rights": (status(403), "does not let you read it"),
    "a password": (status(401), "wants a password; write it into ~/.netrc"),
    "a failure": (status(503), "answers 503 Service Unavailable; try again later"),
    "half of it": (short(b"x" * 1000), "500 bytes of 1,000 came"),
    "half of the chunks": (cut_chunks, "the download ended early"),
    "no length": (file_of(b"x", Content_Length=""), "does not say how long the file is"),
    "an odd length": (file_of(b"x", Content_Length="-1"), "does not say how long the file is"),
    "too large": (file_of(b"x", Content_Length=str(2**40)), "the limit is 4,294,967,296"),
    "to a file": (status(302, Location="file:///etc/passwd"), "redirects to file:///etc/passwd"),
    "to http": (status(302, Location="http://a:pw@h/m?k=pw"), "redirects to http://h/m?..., which"),
    "to nowhere": (status(302), "redirects to"),
    "in circles": (status(302, Location="/in circles"), "and not for ever"),
    "a web page": (file_of(b"<!doctype html>"), "is a web page. Download the raw file"),
    "an empty file": (file_of(b""), "is empty"),
    "a pointer": (file_of(b"version https://git-lfs"), "a Git LFS pointer"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_whole_file_is_refused_and_nothing_is_left(
    web: WebServer, what: str, tmp_path: Path
) -> None:
    answer, words = REFUSED[what]
    web.answers[f"/{what.replace(' ', '%20')}"] = answer
    with pytest.raises(ArchiveError) as error:
        api.read(f"{web.origin}/{what}")
    assert words in str(error.value)
    assert "pw" not in str(error.value)
    assert left(tmp_path) == []


def test_a_download_that_does_not_end_is_ended(
    web: WebServer, content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    web.answers["/chunks"] = chunks(content)
    assert api.read(f"{web.origin}/chunks").graph.source.revision == ""
    monkeypatch.setattr(download, "MAX_BYTES", 200)
    with pytest.raises(ArchiveError, match="the limit is 200"):
        api.read(f"{web.origin}/chunks")
    assert left(tmp_path) == []


def test_a_full_disk_is_told(
    web: WebServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "local_name", lambda name: "none/m.h5")
    monkeypatch.setattr("exporter.sources.https.local_name", lambda name: "none/m.h5")
    with pytest.raises(ArchiveError, match=r"cannot be written: .* another directory in TMPDIR"):
        api.read(f"{web.origin}/fraud.h5")


def test_nobody_is_trusted_unasked(
    web: WebServer, servers: tuple[WebServer, WebServer], content: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(ArchiveError, match=r"certificate is not trusted .* SSL_CERT_FILE"):
        api.read(f"{web.origin}/fraud.h5")
    _, plain = servers
    plain.answers["/m.h5"] = file_of(content)
    plain.answers["/away"] = status(301, Location=f"{plain.origin}/m.h5")
    with pytest.raises(ArchiveError, match="put another model in its place"):
        api.read(f"{plain.origin}/m.h5")
    assert plain.asked == []
    model = api.read(f"{plain.origin}/away", allow_http=True)
    assert model.graph.source.uri == f"{plain.origin}/away"
    with pytest.raises(ArchiveError, match="cannot be downloaded: Connection refused"):
        api.read("https://127.0.0.1:1/m.h5")


def test_a_password_goes_to_the_server_that_it_is_for_and_nowhere_else(
    web: WebServer, servers: tuple[WebServer, WebServer], tmp_path: Path
) -> None:
    basic = "Basic YW5uOnBA"  # ann:p@
    host = web.origin.removeprefix("https://")
    web.answers["/moved"] = status(307, Location="/fraud.h5")
    web.answers["/elsewhere"] = status(307, Location=f"https://localhost:{host[-5:]}/fraud.h5")
    model = api.read(f"https://ann:p%40@{host}/moved?sig=abc")
    assert [h["Authorization"] for _, h in web.asked] == [basic, basic]
    shown = f"{model} {model.facts()} {model!r} {model.graph.source}"
    assert "ann" not in shown and "abc" not in shown
    assert model.graph.source.uri == f"{web.origin}/moved?..."
    with pytest.raises(ArchiveError):  # the certificate is for 127.0.0.1
        api.read(f"https://ann:p%40@{host}/elsewhere")
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login ann password p@\n")
    netrc.chmod(0o600)
    web.asked.clear()
    api.read(f"{web.origin}/fraud.h5")
    assert web.asked[0][1]["Authorization"] == basic
    other = [web, servers[1]]
    web.answers["/other"] = status(307, Location=f"{other[1].origin}/m.h5")
    other[1].asked.clear()
    other[1].answers["/m.h5"] = web.answers["/fraud.h5"]
    api.read(f"{web.origin}/other", allow_http=True)
    assert "Authorization" not in other[1].asked[0][1]
    netrc.write_text("machine")
    with pytest.raises(ArchiveError, match=r"~/.netrc cannot be read"):
        api.read(f"{web.origin}/fraud.h5")


def test_a_scaler_and_sample_rows_come_the_same_way(web: WebServer, tmp_path: Path) -> None:
    np.save(tmp_path / "rows.npy", np.array([[1.0, 2.0, 3.0]]))
    web.answers["/rows.npy"] = file_of((tmp_path / "rows.npy").read_bytes())
    web.answers["/rows.csv"] = file_of(b"c,a,b\n3,1,2\n")
    web.answers["/rows"] = file_of(b"c,a,b\n3,1,2\n")
    web.answers["/empty.csv"] = file_of(b"a,b\n1,2\n")
    made = [
        api.script(
            api.read(f"{web.origin}/fraud.h5"),
            target="postgres",
            features=["a", "b", "c"],
            samples_from=f"{web.origin}/{name}?sig=abc",
            expected_by="float64",
        )
        for name in ("rows.npy", "rows.csv")
    ]
    assert made[0].version == made[1].version
    samples = [
        [str(s.sql) for s in script.statements if s.name.startswith("sample")] for script in made
    ]
    assert samples[0] and samples[0] == samples[1]
    for name, words in (("rows", "no file of sample rows"), ("empty.csv", "has no column c")):
        with pytest.raises(Exception, match=words) as error:
            api.script(
                api.read(f"{web.origin}/fraud.h5"),
                target="postgres",
                features=["a", "b", "c"],
                samples_from=f"{web.origin}/{name}?sig=abc",
            )
        assert f"{web.origin}/{name}?..." in str(error.value)
    del error  # its frames hold the model
    assert left(tmp_path) == []


def test_the_command_line_takes_an_address_where_it_takes_a_file(
    web: WebServer, tmp_path: Path
) -> None:
    variables = {name: os.environ[name] for name in ("TMPDIR", "SSL_CERT_FILE", "HOME")}
    address = f"{web.origin}/fraud.h5?sig=hush"
    done = run("describe", address, "--json", cwd=tmp_path, **variables)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["source_uri"] == f"{web.origin}/fraud.h5?..."
    done = run(address, *POSTGRES, "--output", "fraud.sql", cwd=tmp_path, **variables)
    assert done.returncode == 0, done.stderr
    script = (tmp_path / "fraud.sql").read_text(encoding="utf-8")
    assert f"{web.origin}/fraud.h5?... (ETag {TAG})".replace('"', '\\"') in script or TAG in script
    assert "hush" not in script + done.stdout + done.stderr
    assert left(tmp_path) == []


@pytest.mark.slow
def test_nothing_is_left_of_downloads_that_were_stopped(web: WebServer, tmp_path: Path) -> None:
    def stall(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", "1000000")
        request.end_headers()
        request.wfile.write(b"x" * 10_000)
        request.wfile.flush()
        request.rfile.read(1)  # until the client goes away

    web.answers["/stalls.h5"] = stall
    variables = {name: os.environ[name] for name in ("TMPDIR", "SSL_CERT_FILE")}
    ends = {signal.SIGINT: (130, "stopped"), signal.SIGTERM: (143, "terminated")}
    children = [
        subprocess.Popen(
            [*PROGRAM, "describe", f"{web.origin}/stalls.h5"],
            env=environment(**variables),
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in ends
    ]
    try:
        until = time.monotonic() + 60
        while len(web.asked_for("/stalls.h5")) < len(ends) and time.monotonic() < until:
            time.sleep(0.01)
        for child, (number, (code, word)) in zip(children, ends.items(), strict=True):
            child.send_signal(number)
            _, error = child.communicate(timeout=30)
            assert (child.returncode, word in error) == (code, True)
    finally:
        for child in children:
            child.kill()
    assert left(tmp_path) == []
