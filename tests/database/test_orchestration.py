"""The schedules of docs/orchestration.md: what their files run, and with --orchestration DIR the
programs that run them."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import jinja2
import psycopg2.extensions
import pytest
from commands import environment, install_program
from databases import Database, make_database
from private_server import Server, find_bindir, private_server

from database.networks import query
from exporter import api

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
ROWS = 300
MADE = f"""create table digits (id integer primary key, pixels real[]);
insert into digits select g, array_fill((g % 17)::real, array[64])
from generate_series(1, {ROWS}) g"""
COUNT = "select count(*), count(distinct key), count(score) from digit_scores"
MODEL = EXAMPLES / "digits" / "digits.h5"
PACKAGES = {
    "airflow": ("apache-airflow==3.3.*",),
    "dbt": ("dbt-core==1.10.*", "dbt-postgres==1.9.*"),  # later ones download from elsewhere
}


def fill(dsn: str) -> None:
    """The table digits, and the model reader."""
    query(dsn, MADE)
    api.deploy(
        api.read(MODEL), dsn, name="reader", labels=[str(n) for n in range(10)],
        expected_by="float64",
    )  # fmt: skip


@pytest.fixture(scope="module")
def bank(server: Server, template: str) -> Iterator[Database]:
    """A database with both."""
    with make_database(server, "orchestration", template):
        found = Database(server, "orchestration")
        fill(found.dsn)
        yield found


@pytest.fixture
def unscored(bank: Database) -> Iterator[Database]:
    """The same without scores."""
    yield bank
    query(bank.dsn, "drop table if exists digit_scores")


def variables(folder: Path, dsn: str) -> dict[str, str]:
    """An environment with export-model of this checkout on the PATH, and the database."""
    path = f"{install_program(folder / 'bin')}:{os.environ['PATH']}"
    parts = psycopg2.extensions.parse_dsn(dsn)
    return {
        **environment(PATH=path, HOME=str(folder)),
        "EXPORT_MODEL_DSN": dsn,
        "PGHOST": parts["host"],
        "PGPORT": parts.get("port", "5432"),
        "PGUSER": parts["user"],
        "PGDATABASE": parts["dbname"],
    }


def run(command: str, folder: Path, dsn: str) -> subprocess.CompletedProcess[str]:
    """A shell's command line, to its end."""
    return subprocess.run(
        ["sh", "-c", command],
        env=variables(folder, dsn),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def call(dsn: str, statement: str) -> None:
    """A statement that ends its own transactions."""
    connection = psycopg2.connect(dsn)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(statement)
    connection.close()


def cron_command() -> str:
    """The command of the crontab, whose other lines are variables and comments."""
    lines = (EXAMPLES / "cron" / "score.cron").read_text(encoding="utf-8").splitlines()
    (job,) = [line for line in lines if not re.match(r"#|[A-Z_]+=", line)]
    *times, command = job.split(maxsplit=5)
    assert len(times) == 5 and all(re.fullmatch(r"[\d*/,-]+", item) for item in times)
    assert "%" not in command  # a line break, to cron
    return command


def airflow_commands() -> list[str]:
    """The commands of the DAG's tasks, in the order in which they stand in it."""
    tree = ast.parse((EXAMPLES / "airflow" / "score_digits.py").read_text(encoding="utf-8"))
    keywords = [node for node in ast.walk(tree) if isinstance(node, ast.keyword)]
    return [ast.literal_eval(k.value) for k in keywords if k.arg == "bash_command"]


def pg_cron_statement() -> str:
    """The statement that pg_cron is to run."""
    text = (EXAMPLES / "pg_cron" / "schedule.sql").read_text(encoding="utf-8")
    (found,) = re.findall(r"^SELECT cron\.schedule\(.*\$\$(.*)\$\$\);$", text, re.M)
    return str(found)


def dbt_model(name: str, is_incremental: bool = False) -> str:
    """A model of dbt as it is compiled."""
    text = (EXAMPLES / "dbt" / "models" / f"{name}.sql").read_text(encoding="utf-8")
    return jinja2.Template(text, undefined=jinja2.StrictUndefined).render(
        config=lambda **_: "",
        source=lambda schema, table: f'"public"."{table}"',
        is_incremental=lambda: is_incremental,
        this="digit_labels",
    )


def test_the_crontab_scores_what_came_in(unscored: Database, tmp_path: Path) -> None:
    for wanted in (ROWS, ROWS + 1):
        done = run(cron_command(), tmp_path, unscored.dsn)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        assert query(unscored.dsn, COUNT) == [(wanted,) * 3]
        query(unscored.dsn, f"insert into digits select {ROWS + 1}, pixels from digits where id = 1"
              " on conflict do nothing")  # fmt: skip
    query(unscored.dsn, f"delete from digits where id > {ROWS}")


def test_the_tasks_of_airflow_run_in_order(unscored: Database, tmp_path: Path) -> None:
    verify, score = airflow_commands()
    for command, word in ((verify, "verified"), (score, "300 rows")):
        done = run(command, tmp_path, unscored.dsn)
        assert done.returncode == 0, done.stderr
        assert word in done.stdout
    assert query(unscored.dsn, COUNT) == [(ROWS,) * 3]


def test_the_statement_of_pg_cron_is_one_call(unscored: Database) -> None:
    for _ in range(2):
        call(unscored.dsn, pg_cron_statement())
    assert query(unscored.dsn, COUNT) == [(ROWS,) * 3]


def test_the_models_of_dbt_select_scores(bank: Database) -> None:
    query(bank.dsn, f"create table digit_labels as {dbt_model('digit_labels')}")
    rows = query(bank.dsn, "select count(*), count(label), count(score) from digit_labels")
    assert rows == [(ROWS,) * 3]
    assert query(bank.dsn, dbt_model("digit_labels", is_incremental=True)) == []
    counts = query(bank.dsn, dbt_model("digit_counts"))
    same = query(bank.dsn, "select label, count(*) from digit_labels group by label")
    assert sorted(counts) == sorted(same)


# The programs themselves.


@pytest.fixture(scope="module")
def environments(request: pytest.FixtureRequest) -> Path:
    """Where the environments lie."""
    folder = request.config.getoption("--orchestration")
    if folder is None:
        pytest.skip("takes minutes and 1 GB: give --orchestration DIR")
    return Path(folder).absolute()


def program(environments: Path, name: str) -> Path:
    """A program of an environment, which is made where it is not there."""
    home = environments / name
    if not (home / "bin" / name).exists():
        subprocess.run([sys.executable, "-m", "venv", home], check=True)
        pip = [home / "bin" / "python", "-m", "pip", "install", "--quiet", *PACKAGES[name]]
        if subprocess.run(pip, check=False).returncode != 0:
            pytest.skip(f"{name} cannot be installed here: {' '.join(PACKAGES[name])}")
    return home / "bin" / name


def do(*words: str | Path, env: dict[str, str], cwd: Path) -> str:
    """What a program prints that ends well."""
    done = subprocess.run(
        words, env=env, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_crontab_takes_the_file(environments: Path) -> None:
    crontab = shutil.which("crontab", path=f"{environments}/bin:{os.environ['PATH']}")
    if crontab is None:
        pytest.skip("there is no crontab here: apt-get install cron")
    file = EXAMPLES / "cron" / "score.cron"
    # Debian's has -n to check a file, cronie -T.
    done = (subprocess.run([crontab, option, file], check=False) for option in ("-n", "-T"))
    assert any(one.returncode == 0 for one in done)


def test_airflow_runs_the_dag(environments: Path, unscored: Database, tmp_path: Path) -> None:
    airflow = program(environments, "airflow")
    dags = tmp_path / "dags"
    shutil.copytree(EXAMPLES / "airflow", dags)
    env = variables(tmp_path, unscored.dsn) | {
        "AIRFLOW_HOME": str(tmp_path / "airflow"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(dags),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    }
    env["PATH"] = f"{tmp_path / 'bin'}:{airflow.parent}:{os.environ['PATH']}"
    del env["PYTHONPATH"]  # export-model's, not Airflow's; its script needs it below
    script = tmp_path / "bin" / "export-model"
    script.write_text(
        script.read_text().replace(
            "import", f"import sys; sys.path.insert(0, {str(ROOT)!r}); import", 1
        )
    )
    do(airflow, "db", "migrate", env=env, cwd=tmp_path)
    shown = do(airflow, "dags", "test", "score_digits", "2026-01-02", env=env, cwd=tmp_path)
    print(shown)
    assert query(unscored.dsn, COUNT) == [(ROWS,) * 3]
    assert "state=success" in shown


def test_dbt_builds_the_project(environments: Path, bank: Database, tmp_path: Path) -> None:
    dbt = program(environments, "dbt")
    project = tmp_path / "project"
    shutil.copytree(EXAMPLES / "dbt", project)
    env = variables(tmp_path, bank.dsn)
    del env["PYTHONPATH"]
    for _ in range(2):
        shown = do(dbt, "build", "--profiles-dir", ".", env=env, cwd=project)
        print(shown)
        assert "PASS=7 WARN=0 ERROR=0" in shown
    labels = "select count(*), count(label), count(score) from reports.digit_labels"
    assert query(bank.dsn, labels) == [(ROWS,) * 3]
    assert query(bank.dsn, "select sum(count)::integer from reports.digit_counts") == [(ROWS,)]


@contextmanager
def pg_cron_server() -> Iterator[Server]:
    """A server that runs pg_cron, which connects to it through its socket."""
    major = find_bindir().parent.name
    if not Path(f"/usr/share/postgresql/{major}/extension/pg_cron.control").exists():
        pytest.skip(f"there is no pg_cron here: apt-get install postgresql-{major}-cron")
    settings = {"shared_preload_libraries": "pg_cron", "cron.database_name": "postgres"}
    with private_server(**settings) as server:
        call(server.dsn(), f"alter system set cron.host = '{server.socket_dir}'")
        server.executor.stop()
        server.executor.start()
        yield server


def test_pg_cron_runs_the_job(environments: Path) -> None:
    with pg_cron_server() as server:
        dsn = server.dsn()
        query(dsn, "create extension pg_cron")
        query(dsn, "create extension plpython3u")
        fill(dsn)
        text = (EXAMPLES / "pg_cron" / "schedule.sql").read_text(encoding="utf-8")
        query(dsn, text.replace("*/5 * * * *", "* * * * *"))
        until = time.monotonic() + 150
        runs = "select status, return_message from cron.job_run_details where status <> 'running'"
        while not (found := query(dsn, runs)) and time.monotonic() < until:
            time.sleep(1)
        print(query(dsn, "select jobname, schedule, command from cron.job"), found)
        assert found == [("succeeded", "CALL")]
        assert query(dsn, COUNT) == [(ROWS,) * 3]
