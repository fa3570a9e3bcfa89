"""Command lines that are wrong, odd or contradictory: refused before anything is read or sent."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from commands import POSTGRES, run, write_sigmoid

from exporter import preparing
from exporter.cli import command
from exporter.cli.usage import split_items
from exporter.databases.life import Removal
from exporter.databases.postgres import connection as database
from exporter.errors import DatabaseError, ExportError, list_names
from exporter.spelling import count_errors, find_nearest

PG = "postgresql://nobody@localhost:1/none"
SCORE = ["score", "--dsn", PG, "--name", "m", "--table", "t", "--key", "k", "--into", "s"]
ORACLE = "oracle://u:p@localhost:1/none"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A model's file, alone in its folder."""
    return write_sigmoid(tmp_path / "m.h5")


def refusal(*arguments: str | Path) -> tuple[int, str]:
    """Exit status and message, in this process."""
    done = CliRunner().invoke(command, [str(argument) for argument in arguments])
    if isinstance(done.exception, ExportError):
        return 1, str(done.exception)
    assert isinstance(done.exception, SystemExit), done.output
    return done.exit_code, done.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["desribe", "m.h5"], 'Did you mean "describe"?'),
        (["verfy", "--dsn", PG, "--name", "m"], 'Did you mean "verify"?'),
        (["vreify"], 'Did you mean "verify"?'),
        (["lits"], 'Did you mean "list"?'),
        (["rolback", "--name", "m"], 'Did you mean "rollback"?'),
        (["m.h5", *POSTGRES, "--dns", PG], 'There is no option "--dns". Did you mean "--dsn"?\n'),
        (["m.h5", *POSTGRES, "--lables", "a,b"], 'Did you mean "--labels"?\n'),
        (["m.h5", *POSTGRES, "--featurse", "a"], 'Did you mean "--features"?\n'),
        (["m.h5", "--taget", "postgres"], 'Did you mean "--target"?\n'),
        (["m.h5", *POSTGRES, "--nmae", "x"], 'Did you mean "--name"?\n'),
        (["m.h5", *POSTGRES, "--samples_from", "t"], 'Did you mean "--samples-from"?\n'),
        (["m.h5", *POSTGRES, "--NAME=x"], 'Did you mean "--name"?\n'),
        (["score", "--partition", "x"], 'Did you mean "--partition-by"?\n'),
        (["list", "--jsn"], 'Did you mean "--dsn" or "--json"?\n'),
        (
            ["verify", "--jobs", "2"],
            'verify has no option "--jobs". It is an option of score.\n',
        ),
        (["list", "--colour"], 'list has no option "--colour".\n'),
        (["score", "--jobs", "two"], "'--jobs': 'two' is no whole number from 1 to 256"),
        (["score", "--jobs", "0"], "'0' is no whole number from 1 to 256"),
        (["score", "--step", "x"], "'x' is no whole number of 1 or more"),
        (["prune", "--keep", "1.5"], "'1.5' is no whole number of 1 or more"),
        (["compare", "--tolerance", "x"], "'x' is no number of 0 or more, as 0.25"),
        (["m.h5", *POSTGRES, "--threshold", "x"], "'x' is no number, as 0.25"),
        (["m.h5", *POSTGRES, "--samples", "few"], "'few' is no whole number from 1 to 1000"),
        (
            ["score", "--max-gap", "x"],
            "'x' is neither a number above 0, as 300, nor an interval, as '5 minutes'",
        ),
        (
            [*SCORE, "--partition-by", "x"],
            " --partition-by is for windows of rows: give --order-by, the column in whose order",
        ),
        (
            [*SCORE, "--step", "2", "--columns", "key,score"],
            " --step and --columns are for windows",
        ),
        (["score", "--max-gap", "-1"], "'-1' is neither a number above 0"),
        (["score", "--max-gap", "nan"], "'nan' is neither a number above 0"),
        (["qqqqq"], "neither a verb nor a file here. Verbs: export, describe"),
        (["--dsn", PG, "list"], 'The verb comes first: "export-model list ..."'),
        (["list"], "Missing option '--dsn'. Give it, or set the environment variable EXPORT_MODEL"),
        (["score"], "EXPORT_MODEL_DSN"),
        (["install"], "Or write the script, with --output."),
        (["doctor", "--dsn", ""], "--dsn is empty"),
        (["verify", "--dsn", PG, "--name", ""], "--name is empty"),
        (["m.h5", *POSTGRES, "--name", ""], "--name is empty"),
        (["m.h5", *POSTGRES, "--features", ""], "--features is empty"),
        (["m.h5", *POSTGRES, "--labels", ""], "--labels is empty"),
        (["m.h5", *POSTGRES, "--output", ""], "--output is empty"),
        (["", *POSTGRES], "MODEL is empty"),
        (["m.h5", *POSTGRES, "--name", "a", "--name", "b"], "--name is given twice"),
        (["m.h5", *POSTGRES, "--target", "oracle"], "--target is given twice"),
        (["m.h5", *POSTGRES, "--features", "a,,b"], "item 2 is empty"),
        (["m.h5", *POSTGRES, "--features", "a,b,"], "item 3 is empty"),
        (["m.h5", *POSTGRES, "--features", 'a,"b'], "item 2 has a double quote without"),
        (["m.h5", *POSTGRES, "--labels", "no, "], "--labels: item 2 is empty"),
        (["m.h5", *POSTGRES, "--greenplum-version", "7"], "is for --target greenplum"),
        (["m.h5", *POSTGRES, "--oracle-version", "19"], "is for --target oracle"),
        (["m.h5", "--target", "greenplum", "--oracle-version", "19"], "is for --target oracle"),
        (["m.h5", *POSTGRES, "--dsn", PG, "--output", "m.sql"], "give one of them"),
        (["m.h5", *POSTGRES, "--dsn", PG, "--force"], "--force replaces a script's file"),
        (["m.h5", *POSTGRES, "--output", "m.h5", "--force"], "is the model file itself"),
        (["m.h5", *POSTGRES, "--features-from", "t"], "needs --dsn"),
    ],
)
def test_wrong_usage(
    model: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], words: str
) -> None:
    monkeypatch.chdir(model.parent)
    monkeypatch.delenv("EXPORT_MODEL_DSN", raising=False)
    status, text = refusal(*arguments)
    assert status == 2
    assert words in text
    assert [path.name for path in model.parent.iterdir()] == ["m.h5"]


def test_what_was_meant_is_found_by_the_fewest_typing_errors() -> None:
    for first, second, errors in (
        ("", "", 0), ("", "ab", 2), ("dns", "dsn", 1), ("dns", "pad", 3), ("abcd", "badc", 2),
        ("kitten", "sitting", 3), ("list", "lits", 1), ("a", "b", 1),
    ):  # fmt: skip
        assert count_errors(first, second) == count_errors(second, first) == errors
    assert find_nearest("--colour", ["--dsn", "--json"]) == []
    assert find_nearest("x", []) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--threshold", "1.5"], "which lie between 0 and 1"),
        (["--threshold", "-0.1"], "which lie between 0 and 1"),
        (["--threshold", "nan"], "is no number"),
        (["--threshold", "inf"], "is no number"),
        (["--name", "export_model"], "holds the registry of all models"),
        (["--name", "pg_x"], "belongs to PostgreSQL"),
        (["--name", "n" * 64], "64 bytes, the database allows 63"),
        (["--name", "é" * 32], "64 bytes, the database allows 63"),
        (["--features", "a,b,a"], "named twice: a"),
        (["--labels", "a,b,c"], "3 labels were given, the model has 2"),
        (["--features", ",".join(f"f{n}" for n in range(130))], "f119, and 10 more."),
        (["--output", "none/m.sql"], "there is no directory none. Make it first"),
        (["--output", "m.h5/m.sql"], "cannot be written: Not a directory"),
        (["--output", "/dev/full"], "cannot be written: No space left"),
    ],
)
def test_refused(
    model: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], words: str
) -> None:
    monkeypatch.chdir(model.parent)
    status, text = refusal("m.h5", *POSTGRES, *arguments)
    assert status == 1
    assert words in text
    assert [path.name for path in model.parent.iterdir()] == ["m.h5"]


@pytest.mark.parametrize("threshold", ["0", "0.25", "1"])
def test_a_threshold_that_scores_can_reach(model: Path, threshold: str) -> None:
    done = run(model, *POSTGRES, "--threshold", threshold, cwd=model.parent)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("target", "dsn", "words"),
    [
        ("postgres", ORACLE, "needs a DSN of PostgreSQL or Greenplum"),
        ("greenplum", "u@localhost:1/none", "needs a DSN of PostgreSQL or Greenplum"),
        ("oracle", PG, "needs a DSN of Oracle"),
        ("oracle", "host=localhost dbname=none", "needs a DSN of Oracle"),
        ("postgres", "mysql://u:secret@h/d", "Oracle: oracle://user@host"),
        ("postgres", "postgressql://u:secret@h/d", "Write postgresql://"),
        ("postgres", "postgresql:/u:secret@h/d", "Write postgresql://"),
        ("postgres", "postgresql+psycopg2://u:secret@h/d", "Write postgresql://"),
        ("oracle", "oracle+oracledb://u:secret@h/d", "Write oracle://"),
        ("postgres", "jdbc:postgresql://h/d?password=secret", "Write postgresql://"),
    ],
)
def test_a_dsn_of_another_database_is_refused_first(
    tmp_path: Path, target: str, dsn: str, words: str
) -> None:
    status, text = refusal(tmp_path / "absent.h5", "--target", target, "--dsn", dsn)
    assert status == 1
    assert words in text
    assert "secret" not in text


@pytest.mark.parametrize(
    "dsn",
    [
        "postgresql://u:se@cret@localhost/d",
        "postgresql://u:se/cret@localhost/d",
        "postgresql://u:se?cret@localhost/d",
        "postgresql://u:secret:cret@h:port/d",
        "postgresql://localhost:cret/d",
        "host=localhost pasword=cret",
        "password=secret cret host=localhost",
    ],
)
def test_no_part_of_a_password_is_repeated(dsn: str) -> None:
    with pytest.raises(DatabaseError) as caught, database.connect(dsn):
        pass
    assert "the DSN cannot be read" in str(caught.value)
    assert "cret" not in str(caught.value)


@pytest.mark.parametrize(
    "dsn", [PG, "postgresql://[::1]:1/d", "postgresql://localhost:1,localhost:2/d",
            "postgresql:///d?host=/nonexistent", "postgresql://u:p%40w@localhost:1/d"],
)  # fmt: skip
def test_urls_that_libpq_reads(dsn: str) -> None:
    with pytest.raises(DatabaseError, match="cannot connect"), database.connect(dsn):
        pass


@pytest.mark.parametrize(
    ("text", "items"),
    [
        (None, []),
        ("a", ["a"]),
        (" a , b c ,d", ["a", "b c", "d"]),
        ('"a,b",c', ["a,b", "c"]),
        ('"say ""hi""", " x "', ['say "hi"', " x "]),
        ("größe,名", ["größe", "名"]),
        ("a\nb,c", ["a\nb", "c"]),
    ],
)
def test_items(text: str | None, items: list[str]) -> None:
    assert split_items("--features", text) == items


@pytest.mark.parametrize("text", ['a"b', '"a" b', '"a""', '"', ","])
def test_items_that_are_not_clear(text: str) -> None:
    with pytest.raises(click.UsageError):
        split_items("--features", text)


def test_long_lists_say_how_much_is_left_out() -> None:
    assert list_names(["a", "b"]) == "a, b"
    assert list_names(["a", "b", "c"], 2) == "a, b, and 1 more"


@pytest.mark.parametrize("change", ["grows", "vanishes"])
def test_a_model_that_changes_while_it_is_exported(
    model: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    """Keras opens it a second time, and would score another model."""

    def draw(*_: object) -> None:
        if change == "vanishes":
            model.unlink()
            raise FileNotFoundError(model)
        model.write_bytes(model.read_bytes() + b"more")
        raise ValueError("another model")

    monkeypatch.setattr(preparing, "make_samples", draw)
    status, text = refusal(model, *POSTGRES, "--output", "-")
    assert (status, "changed while it was read" in text) == (1, True)


@pytest.mark.parametrize("versions", ["champion", "1,2,3"])
def test_two_versions_are_compared(versions: str) -> None:
    arguments = ("--dsn", PG, "--name", "m", "--table", "t", "--key", "id")
    status, text = refusal("compare", *arguments, "--versions", versions)
    assert (status, "as champion,challenger" in text) == (2, True)


@pytest.mark.parametrize(
    ("kept", "words"),
    [((2,), "left: version 2"), ((6, 3), "left: versions 6, 3"), ((), "left: none")],
)
def test_what_is_left_is_no_count(kept: tuple[int, ...], words: str) -> None:
    assert str(Removal("m", (1,), kept)) == f"m: 1 version removed (1); {words}"
