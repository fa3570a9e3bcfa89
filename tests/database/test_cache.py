"""What a session keeps of models: it is bounded, and the ones used longest ago leave first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import psycopg2
import pytest
from databases import Database, make_database

from database.networks import deploy_model, query, write_sequential
from exporter.databases.postgres.registry import drop

NUMBERS = 65  # of the input of each model: with 2,000 units about 0.5 MB of weights
ROW = f"array_fill(0.5::real, array[{NUMBERS}])"
Ask = Callable[[str], Any]


@pytest.fixture(scope="module")
def deployed(server: Any, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of a database with three models of about 0.5 MB, to be copied."""
    with make_database(server, "cache_deployed", template):
        folder = tmp_path_factory.mktemp("cache")
        for number, name in enumerate("abc"):
            path = write_sequential(
                folder / f"{name}.h5", [NUMBERS, 2000 + number, 1], ["sigmoid", "sigmoid"]
            )
            deploy_model(server.dsn("cache_deployed"), path, name)
        yield "cache_deployed"


@pytest.fixture
def database(server: Any, deployed: str) -> Iterator[Database]:
    """A copy of it."""
    with make_database(server, "cache", deployed):
        yield Database(server, "cache")


@pytest.fixture
def versions(database: Database) -> dict[str, str]:
    """The versions of the three models."""
    return dict(query(database.dsn, "select name, current_version from export_model.models"))


@pytest.fixture
def ask(database: Database, versions: dict[str, str]) -> Iterator[Ask]:
    """One session: SQL -> its first value."""
    connection = psycopg2.connect(database.dsn)
    connection.autocommit = True

    def first(sql: str) -> Any:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchone()[0] if cursor.description else None

    yield first
    connection.close()


def held(ask: Ask, versions: dict[str, str]) -> str:
    """Names of the models in the session's memory."""
    return "".join(
        name for name, version in versions.items() if ask(f"select export_model.holds('{version}')")
    )


def test_the_models_used_longest_ago_make_room(ask: Ask, versions: dict[str, str]) -> None:
    ask("set export_model.cache_size = '1200 kB'")
    for name in "aba":
        ask(f"select {name}.score({ROW})")
    assert held(ask, versions) == "ab"
    ask(f"select c.score({ROW})")
    assert held(ask, versions) == "ac"
    ask("reset export_model.cache_size")
    ask(f"select b.score({ROW})")
    assert held(ask, versions) == "abc"


def test_what_one_statement_uses_stays_together(ask: Ask, versions: dict[str, str]) -> None:
    """Else each row would load both again."""
    ask("set export_model.cache_size = '1kB'")
    ask(f"select sum(a.score({ROW}) + b.score({ROW})) from generate_series(1, 3)")
    assert held(ask, versions) == "ab"
    ask(f"select c.score({ROW})")
    assert held(ask, versions) == "c"


def test_functions_of_others_find_all_of_numpy(ask: Ask) -> None:
    """A session that scored has it whole, in several threads, too (decision 38)."""
    ask(f"select a.score({ROW})")
    ask(
        "create function pg_temp.others() returns text language plpython3u as $$\n"
        "import numpy\n"
        "from numpy.ma import masked_array\n"
        "from numpy.random import mtrand\n"
        "drawn = numpy.random.RandomState(1).rand() == mtrand.RandomState(1).rand()\n"
        "kept = masked_array([1, 2], [0, 1]).sum()\n"
        "rest = numpy.fft.fft([1, 2])[0].real, numpy.polynomial.Polynomial([1, 2])(3)\n"
        "return repr((drawn, kept == 1, *map(float, rest))) $$"
    )
    assert ask("select pg_temp.others()") == "(True, True, 3.0, 7.0)"


def test_a_dropped_model_leaves_with_the_next_load(
    ask: Ask, versions: dict[str, str], database: Database
) -> None:
    for name in "ab":
        ask(f"select {name}.score({ROW})")
    drop(database.dsn, "a")
    ask(f"select c.score({ROW})")
    assert held(ask, versions) == "bc"


def test_a_session_can_forget(ask: Ask, versions: dict[str, str]) -> None:
    score = ask(f"select a.score({ROW})")
    assert ask("select export_model.forget()") == 4 * (2000 * (NUMBERS + 1) + 2001)
    assert held(ask, versions) == ""
    assert ask("select export_model.forget()") == 0
    assert ask(f"select a.score({ROW})") == score


@pytest.mark.parametrize("size", ["many", "-1", "1 PB", "1e9"])
def test_a_size_that_is_none_is_named(ask: Ask, versions: dict[str, str], size: str) -> None:
    ask(f"set export_model.cache_size = '{size}'")
    with pytest.raises(psycopg2.Error, match=f'cache_size is "{size}", and no size') as caught:
        ask(f"select a.score({ROW})")
    assert "'512MB'" in str(caught.value)
    ask("set export_model.cache_size = ''")
    assert ask(f"select a.score({ROW})") is not None


def test_who_scores_cannot_reach_the_cache_of_weights(
    ask: Ask, versions: dict[str, str], database: Database
) -> None:
    query(database.server.dsn("postgres"), "drop role if exists reader_of_caches")
    query(database.server.dsn("postgres"), "create role reader_of_caches")
    ask("grant usage on schema a to reader_of_caches")
    ask("set role reader_of_caches")
    assert ask(f"select a.score({ROW})") is not None
    for call in ("collect('x', 0, 1)", "evict(0, 0, 0, null)", "load('x')", "cache_limit()"):
        with pytest.raises(psycopg2.Error, match="permission denied"):
            ask(f"select export_model.{call}")
    assert ask("select export_model.forget()") > 0


def test_a_runtime_of_an_earlier_program_still_loads(
    ask: Ask, versions: dict[str, str], database: Database
) -> None:
    """It takes its weights in one piece, and declares no default."""
    runtime = ask("select runtime from export_model.versions limit 1")
    source = ask(f"select prosrc from pg_proc where proname = '{runtime}'")
    score = ask(f"select a.score({ROW})")
    ask("select export_model.forget()")
    ask(f"drop function export_model.{runtime}(text, text, bytea)")
    with psycopg2.connect(database.dsn) as connection, connection.cursor() as cursor:
        cursor.execute(
            f"create function export_model.{runtime}(version text, plan text, weights bytea)"
            " returns void language plpython3u volatile parallel safe as %s",
            (source,),
        )
    assert ask(f"select a.score({ROW})") == score
