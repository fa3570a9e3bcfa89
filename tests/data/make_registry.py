"""Dump a registry of this program's format, with models in use: python tests/data/make_registry.py

registry_N.sql holds a database of PostgreSQL, as pg_dump writes it, with a registry of format N;
registry_N_oracle.sql and registry_N_greenplum.sql are scripts that make one there, by
exporter.script(...).write().
Each was written once, by the last program that made registries of that format (1: commit bee55e0,
2: 0af70b4), and stays as it is: later programs have to find their way in it.

In the database: `fraud` has features, labels, a table whose rows it takes and two versions; `words`
takes texts; `two` has two inputs and two outputs; `plain` has no features. `expected` holds what
they gave, `scores` is what score_into wrote, `watched` is a view on their functions, and role
`clerk`, which has to be there before the dump is restored, may use fraud.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).parent
sys.path[:0] = [str(FOLDER.parent), str(FOLDER.parents[1] / "examples")]

import psycopg2  # noqa: E402
from database.networks import (  # noqa: E402
    compile_model,
    deploy_model,
    query,
    write_sequential,
    write_two_by_two,
    write_words,
)
from private_server import private_server  # noqa: E402

ABC = ["a", "b", "c"]
WORDS = ["ja", "größer", "a'b"]
TABLES = """
create table cards (id integer primary key, a real, b double precision, c real);
insert into cards select g, sin(g), nullif(cos(g), cos(7)), g % 5 from generate_series(1, 20) g;
"""
EXPECTED = """
select id, fraud.score(a, b, c) as fraud, fraud.label(cards) as label,
  plain.score(array[a, b]::real[]) as plain,
  (two.score(array[a, b, c]::real[], array[a, b, c, a]::real[])).two as two,
  words.score(case when id % 2 = 0 then 'ja' else 'größer' end, 'a''b') as words
from cards
"""
# what differs between two runs, or servers
NOISE = re.compile(r"^(\\(un)?restrict .*|-- Dumped (from|by) .*)\n", re.M)


def write_models(folder: Path) -> dict[str, Path]:
    """The files of the models, the same whenever they are written."""
    return {
        "first": write_sequential(folder / "first.h5", [3, 4, 1], ["relu", "sigmoid"], seed=1),
        "fraud": write_sequential(folder / "fraud.h5", [3, 4, 1], ["relu", "sigmoid"], seed=2),
        "plain": write_sequential(folder / "plain.h5", [2, 3, 1], ["tanh", "linear"], seed=3),
        "two": write_two_by_two(folder / "two.h5"),
        "words": write_words(folder / "words.h5", WORDS, 2),
    }


OPTIONS = {
    "fraud": {"features": ABC, "feature_table": ("public", "cards"), "labels": ["good", "bad"]},
    "words": {"features": ["one", "other"]},
}


def fill(dsn: str, folder: Path) -> None:
    """Deploy the models and use them."""
    files = write_models(folder)
    query(dsn, TABLES)
    deploy_model(dsn, files["first"], "fraud", **OPTIONS["fraud"])
    for name in ("fraud", "plain", "two", "words"):
        deploy_model(dsn, files[name], name, **OPTIONS.get(name, {}))
    query(dsn, f"create table expected as {EXPECTED}; create view watched as {EXPECTED}")
    connection = psycopg2.connect(dsn)
    connection.autocommit = True
    connection.cursor().execute("call fraud.score_into('cards', 'id', 'scores')")
    connection.close()
    query(dsn, "grant usage on schema fraud to clerk; grant select on cards, watched to clerk")


def main() -> None:
    """Write both files, under the number of the format that this program makes."""
    with private_server() as server, tempfile.TemporaryDirectory() as folder:
        query(server.dsn(), "create extension plpython3u; create role clerk login")
        fill(server.dsn(), Path(folder))
        ((comment,),) = query(
            server.dsn(), "select obj_description('export_model'::regnamespace, 'pg_namespace')"
        )
        number = comment.rsplit(" ", 1)[1]
        command = [str(server.bindir / "pg_dump"), "--no-owner", "--dbname", server.dsn()]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        (FOLDER / f"registry_{number}.sql").write_text(NOISE.sub("", done.stdout))
        path = write_sequential(Path(folder) / "fraud.h5", [3, 2, 1], ["relu", "sigmoid"], seed=1)
        for target in ("oracle", "greenplum"):
            script, _ = compile_model(path, "fraud", target=target, features=ABC)
            (FOLDER / f"registry_{number}_{target}.sql").write_text(str(script))


if __name__ == "__main__":
    main()
