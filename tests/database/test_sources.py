"""docs/sources.md: its commands run, against servers of this machine for those that it names."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import environment, install_program, write_sigmoid
from databases import Database
from web_server import file_of, web_server

from database.networks import query

ROOT = Path(__file__).parents[2]
PAGE = "docs/sources.md"
TAG = '"v7"'
REGISTER = """
import sys, warnings
warnings.simplefilter("ignore")
from pathlib import Path
from mlflow import MlflowClient
client = MlflowClient("sqlite:///mlflow.db")
client.create_registered_model("fraud")
client.create_model_version("fraud", Path(sys.argv[1]).as_uri())
client.set_registered_model_alias("fraud", "champion", "1")
"""


def blocks() -> list[tuple[str, str]]:
    """(language, commands) of the page."""
    text = (ROOT / PAGE).read_text(encoding="utf-8")
    return re.findall(r"^```(sh|sql)\n(.*?)^```", text, flags=re.S | re.M)


def block_of(word: str) -> str:
    """The only block with this word in it."""
    (found,) = [text for _, text in blocks() if word in text]
    return found


def play(text: str, folder: Path, **variables: str) -> str:
    """What a block of sh prints, with an export-model of this checkout."""
    path = f"{install_program(folder / 'bin')}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-eus"],
        input=text,
        env=environment(PATH=path, **variables),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_every_block_is_run_here() -> None:
    words = ("https://models.example.org", "source_uri", "s3://", "MLFLOW_TRACKING_URI")
    assert [text for _, text in blocks()] == [block_of(word) for word in words]


def test_a_model_of_a_web_server_is_known_by_its_address(
    database: Database, tmp_path: Path
) -> None:
    local = write_sigmoid(tmp_path / "fraud.h5")
    with web_server(tmp_path) as web:
        web.answers["/fraud.h5"] = file_of(local.read_bytes(), ETag=TAG)
        text = block_of("example.org").replace("https://models.example.org", web.origin)
        trusted = {"DSN": database.dsn, "SSL_CERT_FILE": str(web.certificate)}
        origin = f"{web.origin}/fraud.h5 (ETag {TAG})"
        printed = play(text, tmp_path, **trusted)
        assert "fraud: verified" in printed
        assert printed.rstrip().endswith(f"  {origin}")
        assert query(database.dsn, block_of("source_uri")) == [("fraud", origin)]
        other = text.replace("https://", "https://ann:secret@").replace(".h5", ".h5?sig=secret")
        printed = play(other.replace("--name fraud", "--name other"), tmp_path, **trusted)
    assert "other: verified" in printed and "secret" not in printed
    rows = query(
        database.dsn,
        "select source_uri, v::text like '%secret%' from export_model.versions v"
        " where model = 'other'",
    )
    assert rows == [(f"{web.origin}/fraud.h5?... (ETag {TAG})", False)]


@pytest.fixture
def endpoint() -> Iterator[str]:
    """The address of an S3 server with the bucket models."""
    pytest.importorskip("s3fs", reason="the extra s3 is not installed")
    moto = pytest.importorskip("moto.server", reason="the extra test-sources is not installed")
    server = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def test_a_model_of_a_bucket(endpoint: str, tmp_path: Path) -> None:
    import boto3

    keys = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}
    client = boto3.client(
        "s3", "us-east-1", endpoint_url=endpoint,
        aws_access_key_id="key", aws_secret_access_key="secret",
    )  # fmt: skip
    client.create_bucket(Bucket="models")
    content = write_sigmoid(tmp_path / "m.h5").read_bytes()
    client.put_object(Bucket="models", Key="fraud.h5", Body=content)
    shown = play(block_of("s3://"), tmp_path, AWS_ENDPOINT_URL=endpoint, **keys)
    assert "from    s3://models/fraud.h5 (ETag " in shown


@pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("mlflow", "alembic")),
    reason="the extra test-sources is not installed",
)
def test_a_model_of_mlflow(tmp_path: Path) -> None:
    folder = tmp_path / "logged"
    (folder / "data").mkdir(parents=True)
    write_sigmoid(folder / "data" / "model.h5")
    (folder / "MLmodel").write_text("flavors:\n  keras:\n    data: data\n")
    subprocess.run(
        [sys.executable, "-c", REGISTER, str(folder)],
        env=environment(MLFLOW_DISABLE_TELEMETRY="true"),
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    shown = play(block_of("MLFLOW_TRACKING_URI"), tmp_path)
    assert "from    models:/fraud@champion (version 1)" in shown
    assert shown.startswith("fraud.h5: ")
