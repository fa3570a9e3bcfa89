"""The same proof inside PostgreSQL: SQL against live Keras, and against stored outputs."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from itertools import repeat
from pathlib import Path
from typing import Any

import numpy as np
import psycopg2
import pytest
from database.networks import deploy_model
from databases import make_database
from private_server import Server
from tolerances import PARITY, RECURRENT_STORED, STORED, check_close
from zoo import ZOO
from zoo_models import Zoo

from exporter.formats import read

NAMED = ("fraud", "mnist", "pump", "particle")
MODELS = Path(__file__).parents[2].parent / "shared" / "models"
FILES = sorted([*MODELS.glob("*.h5"), *MODELS.glob("*.keras")])


MODELS_PER_SESSION = 25


@pytest.fixture(scope="module")
def sessions(server: Server, template: str) -> Iterator[Iterator[Any]]:
    """Sessions of one database for all models of this module, each with a schema of its own.

    Loading numpy in a new session takes longer than a deployment, and so does, after a few hundred
    models, that the server goes through all that a session has prepared at each new function.
    """
    with make_database(server, "parity", template), closing(_renew(server.dsn("parity"))) as found:
        yield found


def _renew(dsn: str) -> Generator[Any, None, None]:
    """The same session for so many models, then a new one."""
    while True:
        with closing(psycopg2.connect(dsn)) as connection:
            yield from repeat(connection, MODELS_PER_SESSION)


@pytest.fixture
def session(sessions: Iterator[Any]) -> Any:
    """The session of one test."""
    return next(sessions)


def score_in_sql(
    session: Any, name: str, path: Path, inputs: Sequence[np.ndarray[Any, Any]]
) -> list[np.ndarray[Any, Any]]:
    """Deploy a file under a name, score its rows, arrays as Keras gives them."""
    graph = read(path)
    with session:  # which commits, or rolls back
        deploy_model(session, path, name)
    places = ", ".join(f"%s::{'text' if port.is_text else 'real'}[]" for port in graph.inputs)
    fields = "(s.r)"
    if len(graph.outputs) > 1:
        names = ['"' + port.name.replace('"', '""') + '"' for port in graph.outputs]
        fields = ", ".join(f"(s.r).{item}" for item in names).replace("%", "%%")
    query = f'select {fields} from (select "{name}".score({places}) as r) as s'
    rows = []
    with session, session.cursor() as cursor:
        for i in range(len(inputs[0])):
            # A free length is known by the array's own dimensions; else flat is the usual form.
            values = [
                np.asarray(
                    x[i] if None in port.shape else x[i].ravel(),
                    object if port.is_text else np.float64,
                ).tolist()
                for x, port in zip(inputs, graph.inputs, strict=True)
            ]
            cursor.execute(query, values)
            rows.append(cursor.fetchone())
    outputs = []
    for number in range(len(graph.outputs)):
        column = np.asarray([row[number] for row in rows], np.float64)
        outputs.append(column.reshape(len(rows), -1))
    return outputs


@pytest.mark.parametrize("name", ZOO)
def test_every_model_of_the_zoo_scores_as_in_keras(name: str, zoo: Zoo, session: Any) -> None:
    model = zoo[name]
    for suffix in ZOO[name].suffixes if name in NAMED else ZOO[name].suffixes[-1:]:
        sql_name = f"{name} {suffix}"[-63:]
        actual = score_in_sql(session, sql_name, model.path(suffix), model.inputs)
        for a, e in zip(actual, model.outputs, strict=True):
            check_close(a, e.reshape(a.shape), PARITY, f"{name}.{suffix} in SQL")


@pytest.mark.parametrize("name", ["feature_space", "lookups_several_adapted"])
def test_preprocessing_of_keras_takes_the_columns_of_a_table(
    name: str, zoo: Zoo, session: Any
) -> None:
    """Numbers, words and texts as columns beside each other, in batches and one row at a time."""
    model = zoo[name]
    graph = read(model.path("keras"))
    columns = [
        (f"{port.name}_{n}", "text" if port.is_text else "double precision", x[:, n])
        for port, x in zip(graph.inputs, (x.reshape(len(x), -1) for x in model.inputs), strict=True)
        for n in range(x.shape[1])
    ]
    table = f"{name}_rows"
    names = [column for column, _, _ in columns]
    with session, session.cursor() as cursor:
        types = ", ".join(f"{column} {type_}" for column, type_, _ in columns)
        cursor.execute(f"create table {table} (id integer primary key, {types})")
        for place, row in enumerate(zip(*(x.tolist() for _, _, x in columns), strict=True)):
            cursor.execute(f"insert into {table} values (%s{', %s' * len(row)})", [place, *row])
        deploy_model(
            session, model.path("keras"), name, features=names, feature_table=("public", table)
        )
    fields = [f"(s.r).{port.name}" for port in graph.outputs] if model.outputs[1:] else ["s.r"]
    for form in (
        f"select key::integer as id, score as r from {name}.score_table('{table}', 'id')",
        f"select id, {name}.score({', '.join(names)}) as r from {table}",
        f"select id, {name}.score(t) as r from {table} t",
    ):
        with session, session.cursor() as cursor:
            cursor.execute(f"select {', '.join(fields)} from ({form} offset 0) s order by s.id")
            rows = cursor.fetchall()
        for number, expected in enumerate(model.outputs):
            actual = np.asarray([row[number] for row in rows], np.float64)
            check_close(actual, expected.reshape(actual.shape), PARITY, f"{name}: {form}")


@pytest.mark.skipif(not FILES, reason="there is no ../shared/models")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_models_of_other_people_score_to_their_stored_outputs(path: Path, session: Any) -> None:
    stored = np.load(f"{path}.npz")
    inputs = [stored[key] for key in sorted(stored.files) if key.startswith("x")]
    outputs = [stored[key] for key in sorted(stored.files) if key.startswith("y")]
    actual = score_in_sql(session, path.name, path, inputs)
    is_recurrent = any(word in path.name for word in ("lstm", "gru", "inclusive"))
    tolerance = RECURRENT_STORED if is_recurrent else STORED
    for a, e in zip(actual, outputs, strict=True):
        check_close(a, e.reshape(a.shape), tolerance, f"{path.name} in SQL")
