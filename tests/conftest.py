"""Fixtures of all tests: a private PostgreSQL, a template database, a clone of it for each test."""

from __future__ import annotations

import gc
import itertools
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import budgets  # noqa: F401  (registers the profiles before hypothesis looks for the chosen one)
import databases
import psycopg2
import pytest
from _pytest.runner import runtestprotocol
from databases import Database, make_database
from given_server import GivenServer
from greenplum_server import GreenplumServer
from lent_databases import end_lent, lend_database
from private_server import Server, ServerError, find_wheel, private_server, server_account

# For TensorFlow, wherever a test imports it. Without oneDNN it has no channels_first convolutions
# on a CPU, and it switches oneDNN on by itself on newer CPUs only.
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "1"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
# Two processes share the cores; threads that wait for each other take as much as they compute.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

ROOM = 2 * 1024**3  # bytes; a cluster of the tests has at most a quarter of it

_serial = itertools.count(1)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Servers that are not started here."""
    parser.addoption(
        "--greenplum-dsn",
        help="a Greenplum to run tests/greenplum and tests/database on, as superuser",
    )
    parser.addoption(
        "--postgres-dsn",
        help="a PostgreSQL with PL/Python to run tests on, as superuser, not a private one",
    )
    parser.addoption(
        "--oracle-dsn",
        help="an Oracle schema without models to run tests/oracle on, as oracle://user:password@...",
    )
    parser.addoption(
        "--engine",
        choices=("plpython", "pgvector"),
        default="plpython",
        help="what runs models in PostgreSQL, where a test does not say it",
    )
    parser.addoption(
        "--orchestration",
        metavar="DIR",
        help="run the examples by Airflow, dbt and pg_cron too, in environments made in DIR",
    )
    parser.addoption(
        "--greenplum-sessions",
        type=int,
        default=100,
        help="fresh sessions in tests that look for rare accidents",
    )


ONLY_ON_POSTGRESQL = {
    "test_examples.py": "the examples start a PostgreSQL of their own",
    "test_readme.py": "the README's commands are for PostgreSQL",
    "test_catalog_says_what_is_true": "Greenplum has other functions",
    "test_parallel_workers_score_like_the_leader": "segments, not parallel workers",
    "test_a_server_without_numpy_says_which_python": "starts a PostgreSQL of its own",
    "test_a_dump_restored_elsewhere_scores_the_same": "needs Greenplum's own pg_dump",
    "test_altered_weights_are_noticed": "functions read a copy in the catalog",
    "test_wrong_scores_end_the_deployment": "other words: which segment was wrong",
    "test_a_registry_that_is_not_ours_is_refused": "a role cannot own a new schema there",
    "database/test_batch": "rows lie on segments, not in blocks of one table",
    "database/test_score_into.py": "rows lie on segments, not in blocks of one table",
    "test_functions_of_a_plain_owner_still_score": "servers have owners too",
    "test_a_server_in_another_encoding": "databases there have one locale and no other encoding",
    "test_many_rows_in_batches": "score_table stands alone there: tests/greenplum has the same",
    "test_the_commands_of_the_page_run": "the page's commands are for PostgreSQL",
    "test_rows_of_a_table_are_stored_with_their_nulls": "the first rows of a table are others",
    "a_model_given_to_a_role_as_a_whole": "weights lie in user mappings of the owner: deploy anew",
}

FORECASTS = "forecasts: refused with this engine, as test_pgvector_sequences.py holds"
TEXT_ARRAYS = "an array of texts: refused with this engine, which takes texts as columns"
OF_PYTHON = "about what PL/Python keeps, loads or prints"
OF_ITS_OWN = "starts, or asks for, a server with PL/Python of its own"
SAYS_MORE = "with this engine a deployment also says who can read the weights"
ONLY_WITH_PLPYTHON = {
    "test_examples.py": OF_ITS_OWN,
    "test_readme.py::test_the_commands_run": OF_ITS_OWN,
    "test_greenplum_stub.py": "Greenplum's segments run PL/Python",
    "test_installed.py": "`install` brings PL/Python's part of the registry",
    "test_old_registry.py": "registries of formats 1 and 2 knew no other engine",
    "test_pgvector.py": "always runs on its own server with pgvector",
    "test_pgvector_sequences.py": "always runs on its own server with pgvector",
    "test_cache.py": OF_PYTHON,
    "test_hostile_plans.py": "plans are read by the runtime in Python; here there is none",
    "test_all_columns_of_a_row": FORECASTS,
    "test_quantiles_beside_columns": FORECASTS,
    "test_prices_behind_a_scaler": FORECASTS,
    "test_an_estimator_over_windows": "windows of words, and of what is missing: refused",
    "test_texts.py": TEXT_ARRAYS,
    "test_an_array_of_texts_scores_too": TEXT_ARRAYS,
    "test_batches.py::test_texts": TEXT_ARRAYS,
    "test_memory_does_not_grow_with_the_table": OF_ITS_OWN,
    "test_arrays_in_the_server_are_what": "rows are not packed in bytes of arrays",
    "gathered_wrong_is_told[array[1]-'\\\\xdead": "other bytes: the server tells them",
    "what_was_gathered_wrong_is_told[array[null": "other bytes: the server tells them",
    "test_an_older_runtime_left_open": "runtimes in Python",
    "test_a_transaction_older_than": "functions hold their weights, and read no chunks",
    "and_changes_nothing[select export_model.load": OF_PYTHON,
    "and_changes_nothing[select export_model.bytes_": OF_PYTHON,
    "and_changes_nothing[select export_model.array_": OF_PYTHON,
    "export_model.run_": OF_PYTHON,
    "test_bytes_become_an_array_of_numbers": "rows are not packed in bytes of arrays",
    "test_headers_of_rows_are_in_the_machines": "rows are not packed in bytes of arrays",
    "test_bounds_dimensions_and_bitmaps": "rows are not packed in bytes of arrays",
    "gets_no_further[select export_model.load": OF_PYTHON,
    "test_default_privileges_give_nothing_away": OF_PYTHON,
    "test_what_was_given_away_is_not_used[the loader]": OF_PYTHON,
    "test_python_is_not_started": "which engine is chosen where both could be: test_pgvector.py",
    "test_doctor_": "the findings about PL/Python; those about pgvector: test_pgvector.py",
    "test_the_facts_of_a_life_as_json": SAYS_MORE,
    "test_commands.py::test_the_whole_life": SAYS_MORE,
    "test_a_deployment_that_is_stopped": SAYS_MORE,
    "test_without_dsn_a_script_is_written": "a script without a server is for PL/Python",
    "[a helper dropped]": "drops a function of PL/Python's; [a table dropped] and others run",
    "[the loader ": OF_PYTHON,
    "[the runtime replaced]": OF_PYTHON,
    "[rights of the definer lost]": "names the arguments of a function in Python",
    "[the right to call it revoked]": "names the arguments of a function in Python",
    "[the version's function dropped]": "names the arguments of a function in Python",
    "test_a_fault_only_in_batches": "puts the fault into PL/Python's batches",
    "test_catalog_says_what_is_true": "lists the functions that PL/Python needs",
    "test_a_version_can_be_indexed": "of PL/Python's function of a row in bytes",
    "test_scores_of_a_version_can_be": "of PL/Python's function of a row in bytes",
    "test_the_runtime_in_the_catalog": "the runtime in Python",
    "test_an_error_in_a_part_shows": "the runtime in Python",
    "test_a_role_without_rights_is_told": "what PL/Python asks of a role",
    "test_a_server_without_numpy": OF_ITS_OWN,
    "test_altered_weights_are_noticed": "functions hold their weights, and read no chunks",
    "test_registry_holds_the_weights_in_chunks": "names the engine of the row",
    "test_rows_whose_score_is_no_number": "a layer that this engine refuses",
    "test_without_plpython_nothing_is_made": "about PL/Python not being there",
    "test_the_catalog_shows_no_weights": "with this engine it shows them, which is said; in"
    " test_pgvector.py the form that does not",
    "test_the_loader_and_the_python_functions": OF_PYTHON,
    "test_a_cursor_and_a_snapshot_keep": "a statement does not keep a version: docs/versions.md",
    "test_a_statement_keeps_its_version": "a statement does not keep a version: docs/versions.md",
    "test_what_is_kept_is_the_name": "a statement does not keep a version: docs/versions.md",
    "test_categories_of_catboost": "hashes of texts: an op that this engine refuses",
}
"""Tests of tests/database that `--engine pgvector` leaves out, each with the reason; those that
name both engines run on both in any case."""


NEEDS = {"database": {"server", "greenplum"}, "framework": {"keras", "zoo"}}  # markers: fixtures


FOLDERS = ("database", "greenplum", "contract", "plsql", "runtime", "unit", "oracle", "parity")
"""In the order of their tests. Two processes begin with a half each, one with databases, the other
with Keras, whose import takes seconds; what needs neither is between, for who is ready first."""


def _place(item: pytest.Item) -> tuple[bool, int]:
    """Where a test stands among all."""
    folder = next((name for name in item.path.parts[::-1] if name in FOLDERS), FOLDERS[-1])
    return item.get_closest_marker("framework") is not None, FOLDERS.index(folder)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what needs a server or Keras and sort; on a Greenplum, leave out what only PostgreSQL
    has."""
    for item in items:
        for marker, fixtures in NEEDS.items():
            if fixtures & set(getattr(item, "fixturenames", ())):
                item.add_marker(marker)
    items.sort(key=_place)
    if config.getoption("--greenplum-dsn"):
        _leave_out(items, ONLY_ON_POSTGRESQL, "PostgreSQL only")
    if config.getoption("--engine") == "pgvector":
        chosen = [item for item in items if not _names_its_server(item)]
        _leave_out(chosen, ONLY_WITH_PLPYTHON, "PL/Python only")


def _leave_out(items: list[pytest.Item], reasons: Mapping[str, str], what: str) -> None:
    """Skip tests whose ids hold one of the names."""
    for item in items:
        for name, reason in reasons.items():
            if name in item.nodeid:
                item.add_marker(pytest.mark.skip(reason=f"{what}: {reason}"))


def _names_its_server(item: pytest.Item) -> bool:
    """Whether a test says which engines it runs on, see databases.BOTH_ENGINES."""
    return "server" in getattr(getattr(item, "callspec", None), "params", {})


TELL_ALL = ("durations", "xmlpath")  # options that ask for reports of setting up and tearing down


def pytest_collection(session: pytest.Session) -> None:
    """What is made until all tests are found is kept: no collection of garbage looks for more."""
    gc.disable()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Modules and tests live to the end: let no collection of garbage visit them, and others come
    less often."""
    gc.collect()
    gc.freeze()
    gc.enable()
    gc.set_threshold(20_000, 20, 20)


def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """Run a test as pytest does, but tell nobody that it was set up and torn down without trouble:
    of thousands of tests that is half of what the process that reports them hears."""
    if any(item.config.getoption(name, None) is not None for name in TELL_ALL):
        return None
    hook = item.ihook
    hook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    for report in runtestprotocol(item, nextitem=nextitem, log=False):
        if report.when == "call" or not report.passed:
            hook.pytest_runtest_logreport(report=report)
    hook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """What `-n auto` means: two processes, each with a server of its own; one on given servers,
    whose roles and tables they would share."""
    given = ("--postgres-dsn", "--greenplum-dsn", "--oracle-dsn")
    return 0 if any(map(config.getoption, given)) else 2


def pytest_configure(config: pytest.Config) -> None:
    """With a Greenplum, models are deployed for it; everywhere, children can be interrupted."""
    hear_interrupts()
    _begin_at_the_other_end(config)
    if config.getoption("--greenplum-dsn"):
        databases.TARGET = "greenplum"
        databases.JOBS = 1


def _begin_at_the_other_end(config: pytest.Config) -> None:
    """The second of two processes imports the tests from the last to the first, so that in a fresh
    clone each finds half of them compiled by the other; then both sort them alike."""
    if getattr(config, "workerinput", {}).get("workerid") != "gw1":
        return
    here = Path(__file__).parent
    paths = [config.invocation_params.dir / argument for argument in config.args]
    if paths == [here]:
        paths = [here / name for name in FOLDERS]
    if all(path.parent == here and path.is_dir() for path in paths):
        config.args = [str(path) for path in sorted(paths, reverse=True)]


def hear_interrupts() -> None:
    """Undo that SIGINT is ignored, as in `make test &` and under nohup: the programs that tests
    start would inherit it, and could not be stopped as by Ctrl-C."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def libraries_are_forked() -> Iterator[None]:
    """Expected outputs of Keras, scikit-learn and the like come from processes that are forked: to
    import them takes most of the time of a test."""
    from commands import run_library

    from exporter.formats import child
    from exporter.formats.keras import savedmodel

    with pytest.MonkeyPatch.context() as patch:
        for user in (child, savedmodel):
            patch.setattr(user, "run_module", run_library)
        yield


@pytest.fixture(scope="session", autouse=True)
def sessions_are_lent() -> Iterator[None]:
    """What export-model does over a DSN, it does in sessions that are used again."""
    from exporter.databases.postgres import connection

    open_anew = connection._log_in

    def log_in(dsn: str) -> Any:
        if not databases.LENT.fullmatch(dsn):
            return open_anew(dsn)
        try:
            return databases.log_in(dsn, "export-model")
        except psycopg2.Error:
            return open_anew(dsn)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connection, "_log_in", log_in)
        yield


@pytest.fixture
def own_sessions() -> Iterator[None]:
    """All sessions are new ones."""
    with databases.own_sessions():
        yield


@pytest.fixture
def own_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Libraries are asked in a process that is started for it, as for a user."""
    from commands import run_module

    from exporter.formats import child

    monkeypatch.setattr(child, "run_module", run_module)


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest) -> Iterator[Server | GivenServer]:
    """A server with the engine that a module asks for by BOTH_ENGINES, else that of --engine."""
    engine = getattr(request, "param", request.config.getoption("--engine"))
    before, databases.ENGINE = databases.ENGINE, engine
    yield request.getfixturevalue(f"{engine}_server")
    databases.ENGINE = before


@pytest.fixture(scope="session")
def pgvector_server() -> Iterator[Server]:
    """A private PostgreSQL with pgvector and without PL/Python, as managed ones are."""
    try:
        with private_server(bindir=find_wheel()) as running:
            yield running
            end_lent(running)
    except ServerError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def plpython_server(request: pytest.FixtureRequest) -> Iterator[Server | GivenServer]:
    """The server that was given, or a private PostgreSQL with PL/Python; tests skip where that is
    not installed."""
    options = {"--greenplum-dsn": GreenplumServer, "--postgres-dsn": GivenServer}
    for option, given in options.items():
        if dsn := request.config.getoption(option):
            yield given(dsn)
            return
    try:
        with (
            _lazy_numpy() as folder,
            private_server(
                {"PYTHONPATH": folder},
                parent=_fast_folder(),
                max_prepared_transactions=0,
                max_wal_size="256MB",
                autovacuum="off",  # databases that live for seconds
            ) as running,
        ):
            yield running
            end_lent(running)
    except ServerError as error:
        pytest.skip(str(error))


@contextmanager
def _lazy_numpy() -> Iterator[str]:
    """A folder, which all may enter, whose sitecustomize makes sessions load less of numpy and
    compile less; the server's user keeps there what was compiled."""
    with tempfile.TemporaryDirectory(dir=_fast_folder()) as folder:
        Path(folder).chmod(0o755)
        place = Path(folder, "sitecustomize.py")
        shutil.copyfile(Path(__file__).with_name("lazy_numpy.py"), place)
        place.chmod(0o644)
        kept = Path(folder, "compiled")
        kept.mkdir(mode=0o700)
        if os.geteuid() == 0:
            shutil.chown(kept, server_account())
        yield folder


def _fast_folder() -> str:
    """Where a cluster lies: in memory, where there is room, for there a database is made and
    dropped in a fifth of the time."""
    memory = Path("/dev/shm")
    has_room = memory.is_dir() and shutil.disk_usage(memory).free > ROOM
    return str(memory) if has_room and os.access(memory, os.W_OK) else "/tmp"


@pytest.fixture(scope="session")
def template(server: Server | GivenServer) -> Iterator[str]:
    """A template database with the extension, cloned for each test."""
    name = f"template_{databases.ENGINE}{_suffix(server)}"
    with make_database(server, name):
        import psycopg2

        connection = psycopg2.connect(server.dsn(name))
        connection.autocommit = True
        connection.cursor().execute(f"create extension {databases.EXTENSIONS[databases.ENGINE]}")
        connection.close()
        yield name


@pytest.fixture
def database(server: Server | GivenServer, template: str) -> Iterator[Database]:
    """A fresh database with PL/Python."""
    with lend_database(server, template) as name:
        yield Database(server, name)


@pytest.fixture
def other_database(server: Server | GivenServer, template: str) -> Iterator[Database]:
    """A second fresh database, to compare the first one with."""
    with lend_database(server, template) as name:
        yield Database(server, name)


@pytest.fixture
def bare_database(server: Server | GivenServer) -> Iterator[Database]:
    """A database without PL/Python."""
    name = f"test_{next(_serial)}{_suffix(server)}"
    with make_database(server, name):
        yield Database(server, name)


def _suffix(server: Server | GivenServer) -> str:
    """Others may use the same cluster."""
    return f"_{os.getpid()}" if isinstance(server, GivenServer) else ""
