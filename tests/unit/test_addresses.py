"""Addresses: what is one, and what of it is shown; no server is asked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commands import POSTGRES, run, write_sigmoid

from exporter import api
from exporter.errors import ArchiveError
from exporter.manifest import make_manifest
from exporter.sources.address import hide_secrets, is_address, parse_address
from exporter.sources.download import MAX_NAME, local_name

RUN = "runs:/0123456789abcdef/model"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://host/a/m.keras", "https://host/a/m.keras"),
        ("HTTPS://Host:8443/m.keras", "https://Host:8443/m.keras"),
        ("https://ann:pw@host/m.keras", "https://host/m.keras"),
        ("https://ann:p@w@host/m.keras", "https://host/m.keras"),
        ("https://host/m.keras?X-Amz-Signature=abc&token=t#f", "https://host/m.keras?..."),
        ("https://host/m.keras?token=t&versionId=v1", "https://host/m.keras?versionId=v1"),
        ("s3://bucket/a/m.keras", "s3://bucket/a/m.keras"),
        ("s3://key:secret@bucket/m.keras", "s3://bucket/m.keras"),
        ("s3://bucket/m#1?.keras", "s3://bucket/m#1?.keras"),
        ("s3://bucket/m.keras?versionId=a/b", "s3://bucket/m.keras?versionId=a%2Fb"),
        ("gs://bucket/m.keras?generation=17", "gs://bucket/m.keras?generation=17"),
        ("models:/fraud@champion", "models:/fraud@champion"),
        ("models:/fraud/3", "models:/fraud/3"),
        (RUN, RUN),
        ("ftp://ann:pw@host/m", "ftp://host/m"),
    ],
)
def test_what_is_shown_of_an_address_lets_nobody_in(text: str, shown: str) -> None:
    assert is_address(text)
    assert parse_address(text).shown == shown
    assert not any(secret in repr(parse_address(text)) for secret in ("pw", "secret", "token"))


@pytest.mark.parametrize(
    "text",
    [
        "model.h5",
        "./models:/x",
        "a/s3:/x",
        "C:\\m.h5",
        "s3:m",
        "models.h5",
        "table",
        Path("s3://b/k"),
    ],
)
def test_paths_are_no_addresses(text: str | Path) -> None:
    assert not is_address(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("https://host/a\nb", "line break"),
        ("https://host/\x1b[2J", "not printable"),
        ("https://host/" + "a" * 3000, "3,013 characters, the limit is 2,000"),
        ("https://[host/m", "is none: Invalid IPv6"),
        ("https://host:port/m", "is no address: Port could not be cast"),
        ("https:///m.keras", "names no server"),
        ("http://host/m.keras", "--allow-http"),
        ("file:///etc/passwd", "Give the path itself"),
        ("ftp://ann:pw@host/m.keras", "ftp://host/m.keras: ftp: is not read, but https:,"),
        ("s3://bucket", "names no object"),
        ("s3://bucket/folder/", "names no object"),
        ("s3:///key", "names no object"),
        ("s3://../../etc/passwd", "names no object"),
        ("s3://key:secret@bucket/m.keras", "no user stands in such an address"),
        ("gs://bucket/", "write gs://BUCKET/KEY"),
    ],
)  # fmt: skip
def test_what_is_refused_before_anybody_is_asked(text: str, words: str) -> None:
    with pytest.raises(ArchiveError) as error:
        api.read(text)
    assert words in str(error.value)
    assert not any(secret in str(error.value) for secret in ("pw", "secret", "\n", "\x1b"))


@pytest.mark.parametrize(
    "address", ["s3://bucket/m.h5", "gs://bucket/m.h5", "models:/fraud/1", RUN]
)
def test_a_missing_extra_is_told_with_the_line_that_installs_it(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    extra = {"s3": "s3", "gs": "gcs", "models": "mlflow", "runs": "mlflow"}[address.split(":")[0]]
    with pytest.raises(ArchiveError, match=rf"pip install 'export-model\[{extra}\]'"):
        api.read(address)
    project = (Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8")
    assert f"\n{extra} = [" in project


@pytest.mark.parametrize(
    ("name", "local"),
    [
        ("/a/m.keras", "m.keras"),
        ("/a/../../etc/passwd.h5", "passwd.h5"),
        ("..", "_.."),
        ("/", "model"),
        ("-rf.h5", "_-rf.h5"),
        ("a\x00b\n.h5", "a_b_.h5"),
        ("x" * 500 + ".keras", "x" * MAX_NAME + ".keras"),
    ],
)
def test_a_downloaded_file_leads_nowhere(name: str, local: str) -> None:
    assert local_name(name) == local
    assert "/" not in local_name(name)


def test_messages_of_others_are_shown_without_secrets() -> None:
    text = "GET https://ann:pw@host/x?sig=abc failed: 's3://k:s@b/k?a=b'\n\x1b[1mnext"
    assert hide_secrets(text) == ("GET https://...@host/x?... failed: 's3://...@b/k?...'  [1mnext")


def test_the_manifest_keeps_the_address_and_a_file_has_none(tmp_path: Path) -> None:
    from dataclasses import replace

    from exporter.ir.passes import simplify
    from exporter.ir.plan import plan_graph
    from exporter.ir.signature import sign
    from exporter.manifest import Manifest
    from exporter.samples import draw_inputs, make_samples

    graph = simplify(api.read(write_sigmoid(tmp_path / "m.h5")).graph)
    signature = sign(graph, "m", (), None, (), None)
    plan = plan_graph(graph, signature)
    from exporter.formats.format import Answer

    samples = make_samples(graph, plan, draw_inputs(graph, 2), lambda _: Answer(None, "", "none"))
    plain = make_manifest(graph, plan, samples)
    assert "uri" not in json.loads(plain.to_json())["source"]
    there = replace(graph.source, uri="s3://b/k", revision="version v1")
    moved = make_manifest(replace(graph, source=there), plan, samples)
    assert moved.version == plain.version
    again = Manifest.from_json(moved.to_json(), moved.plan).source
    assert (again, again.origin) == (there, "s3://b/k (version v1)")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["describe", "m.h5", "--allow-http"], "none is given"),
        (["describe", "models:/m/1", "--allow-http"], "none is given"),
        (["m.h5", *POSTGRES, "--allow-http"], "none is given"),
        (["describe", "https://ann:pw@127.0.0.1:1/m.h5"], "Leave it to ~/.netrc"),
    ],
)
def test_what_the_command_line_says_of_addresses(
    words: list[str], told: str, tmp_path: Path
) -> None:
    write_sigmoid(tmp_path / "m.h5")
    done = run(*words, cwd=tmp_path)
    assert done.returncode in (1, 2)
    assert told in done.stderr
    assert "pw" not in done.stderr
