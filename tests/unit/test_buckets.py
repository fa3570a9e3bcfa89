"""Models from S3, of a server on this machine, and from one that speaks as Google's does."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from commands import write_sigmoid
from web_server import WebServer, file_of, web_server

from exporter import api
from exporter.errors import ArchiveError

# asyncio's loops of fsspec live in a thread that nobody ends.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]
KEYS = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A model's file."""
    return write_sigmoid(tmp_path_factory.mktemp("model") / "m.h5").read_bytes()


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """The address of an S3 server."""
    pytest.importorskip("s3fs", reason="the extra s3 is not installed")
    moto = pytest.importorskip("moto.server", reason="the extra test-sources is not installed")
    server = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def s3(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A client of it; export-model finds it by variables, as users have them."""
    import boto3

    variables = {"AWS_ENDPOINT_URL": endpoint, "AWS_DEFAULT_REGION": "us-east-1", **KEYS}
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    client = boto3.client("s3")
    client.create_bucket(Bucket="models")
    return client


def test_an_object_in_the_state_that_is_there(s3: Any, content: bytes) -> None:
    """Its key may hold what has a meaning in other addresses."""
    for key in ("a/fraud.h5", "odd #1?name%20&b=c.h5"):
        tag = s3.put_object(Bucket="models", Key=key, Body=content)["ETag"].strip('"')
        model = api.read(f"s3://models/{key}")
        source = model.graph.source
        assert (source.uri, source.revision) == (f"s3://models/{key}", f"ETag {tag}")
        assert source.file_name == key.removeprefix("a/")
        assert source.sha256 == hashlib.sha256(content).hexdigest()


def test_an_object_in_one_of_its_versions(s3: Any, content: bytes) -> None:
    s3.create_bucket(Bucket="kept")
    s3.put_bucket_versioning(Bucket="kept", VersioningConfiguration={"Status": "Enabled"})
    put = {"Bucket": "kept", "Key": "fraud.h5"}
    old = s3.put_object(**put, Body=content)["VersionId"]
    new = s3.put_object(**put, Body=b"no model")["VersionId"]
    address = f"s3://kept/fraud.h5?versionId={old}"
    source = api.read(address).graph.source
    assert (source.uri, source.revision) == (address, f"version {old}")
    with pytest.raises(ArchiveError, match=r"fraud\.h5 is text"):
        api.read("s3://kept/fraud.h5")
    s3.put_object(**put, Body=content)
    assert api.read("s3://kept/fraud.h5").graph.source.revision not in ("", f"version {new}")


def test_an_object_that_is_written_meanwhile_is_refused(
    s3: Any, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = {"Bucket": "models", "Key": "moves.h5"}
    s3.put_object(**put, Body=content)

    def change(came: int, whole: int) -> None:
        s3.put_object(**put, Body=b"x" + content)

    with pytest.raises(ArchiveError, match="written anew while it was downloaded"):
        api.read("s3://models/moves.h5", progress=change)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("s3://models/none.h5", "there is no such object"),
        ("s3://nobodys-bucket/m.h5", "there is no such object"),
        ("s3://models/fold", "is a folder; name the model's file in it"),
        ("s3://models/fold/m.txt?versionId=nonsense", "cannot be downloaded from S3: .*Bad Req"),
    ],
)
def test_what_is_not_there_is_told(s3: Any, address: str, words: str) -> None:
    s3.put_object(Bucket="models", Key="fold/m.txt", Body=b"x")
    with pytest.raises(ArchiveError, match=words):
        api.read(address)


def test_rights_and_servers_that_are_not_there(
    s3: Any, content: bytes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    s3.put_object(Bucket="models", Key="fraud.h5", Body=content)
    for name in KEYS:
        monkeypatch.delenv(name)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(ArchiveError, match=r"does not let you read it .*AWS_ACCESS_KEY_ID"):
        api.read("s3://models/fraud.h5")
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with pytest.raises(ArchiveError, match=r"cannot be downloaded from S3: Could not connect"):
        api.read("s3://models/fraud.h5")


def test_what_a_bucket_refuses_and_what_is_too_large(
    s3: Any, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    from exporter.sources import buckets, download

    s3.put_object(Bucket="models", Key="fraud.h5", Body=content)
    monkeypatch.setattr(download, "MAX_BYTES", 10)
    with pytest.raises(ArchiveError, match="the limit is 10"):
        api.read("s3://models/fraud.h5")
    refusal = buckets._refusal(PermissionError("Forbidden"), buckets.S3, "s3://models/m.h5")
    assert str(refusal).startswith("s3://models/m.h5: S3 does not let you read it (Forbidden).")


@pytest.fixture
def google(content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WebServer]:
    """A server of the JSON API, with one object in generation 17."""
    pytest.importorskip("gcsfs", reason="the extra gcs is not installed")
    about = {
        "kind": "storage#object", "name": "a/fraud.h5", "bucket": "models", "generation": "17",
        "size": str(len(content)), "etag": "CJx", "timeCreated": "2026-01-01T00:00:00Z",
        "updated": "2026-01-01T00:00:00Z",
        "md5Hash": base64.b64encode(hashlib.md5(content).digest()).decode(),
    }  # fmt: skip

    def answer(request: BaseHTTPRequestHandler) -> None:
        query = parse_qs(urlsplit(request.path).query)
        assert query.get("generation", ["17"]) == ["17"]
        is_content = query.get("alt") == ["media"]
        file_of(content if is_content else json.dumps(about).encode())(request)

    with web_server(tmp_path, is_https=False) as server:
        for kind in ("/storage", "/download/storage"):
            server.answers[f"{kind}/v1/b/models/o/a%2Ffraud.h5"] = answer
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", server.origin)
        monkeypatch.setenv("FSSPEC_GCS_TOKEN", "anon")
        yield server


def test_an_object_of_google(google: WebServer, content: bytes) -> None:
    for address in ("gs://models/a/fraud.h5", "gs://models/a/fraud.h5?generation=17"):
        source = api.read(address).graph.source
        assert (source.uri, source.revision) == (address, "generation 17")
        assert source.sha256 == hashlib.sha256(content).hexdigest()
    with pytest.raises(ArchiveError, match="there is no such object"):
        api.read("gs://models/none.h5")
