"""The same proof inside PostgreSQL: SQL against live Keras, and against stored outputs.

The server's Python and numpy compute every model of the zoo. Models with all that deployments can
differ in (DEPLOYED) go the whole way through SQL; in the profile `thorough`, all of them do.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from itertools import repeat
from pathlib import Path
from typing import Any

import numpy as np
import psycopg2
import pytest
from budgets import is_thorough
from database.networks import deploy_model
from databases import make_database
from private_server import Server
from tolerances import PARITY, RECURRENT_STORED, STORED, check_close
from zoo import TRIED, ZOO
from zoo_models import Zoo

from exporter.engines.plpython.runtime import runtime_text
from exporter.formats import read
from exporter.ir.graph import Graph
from exporter.ir.plan import Signature, plan_graph

NAMED = ("fraud", "mnist", "pump", "particle")
MODELS = Path(__file__).parents[2].parent / "shared" / "models"
FILES = sorted([*MODELS.glob("*.h5"), *MODELS.glob("*.keras")])


DEPLOYED = (
    *NAMED, "dense_matrix", "dense_rank3", "dense_free_length", "activation_linear",
    "activation_glu", "activation_sparsemax", "activation_log_softmax", "prelu", "spatialdropout3d",
    "batch_norm", "normalization", "rms_norm", "spectral_norm_conv", "lora_embedding",
    "einsum_dense_0", "einsum_dense_4", "einsum_dense_5", "flatten_scalar", "flatten_free",
    "concatenate", "concatenate_axis", "add", "average", "maximum", "minimum", "subtract",
    "nested_output", "same_output_twice", "adaptive_max_1_0", "Conv1DTranspose", "conv_stack",
    "zero_padding1d", "up_sampling1d", "Resizing_height_5_width_11", "ops_constants",
    "ops_unary", "ops_activations",
    "ops_reductions", "ops_shapes", "ops_slices", "ops_comparisons", "ops_not_numbers",
    "ops_remainders", "ops_positions", "ops_two_tensors", "dot_free", "discretization",
    "discretization_one_hot_1", "integer_lookup", "string_lookup", "string_lookup_free",
    "string_lookup_hashed", "lookups_several_adapted", "text_model", "text_multi_hot",
    "hashed_crossing", "feature_space", "feature_space_of_numbers", "feature_space_dict",
    "stacked_cells_0", "grouped_query_0", "simplernn", "conv_lstm1d_0", "conv_lstm3d_0",
    "conv_lstm3d_2", "embedding_free", "masks_of_add", "masks_of_multiply",
    "average_pooling_masked", "distributed_free", "layer_norm", "attention_concat",
    "bidirectional_states", "conv_lstm_states", "conv_lstm_masked", "masked_with_states",
)  # fmt: skip
MODELS_PER_SESSION = 25
SETUP = """
create function install(runtime text) returns void language plpython3u as
$$
exec(compile(runtime, "runtime", "exec"), GD)
GD["load"] = GD["Parts"]().module("load").load
$$;
create function compute(version text, plan text, weights bytea, inputs text) returns text
language plpython3u as $$
import json
import numpy as np
model = GD["load"](version, plan, weights)
arrays = [
    array.astype(object) if array.dtype.kind in "UO" else model.as_numbers(array, port)
    for array, port in zip(map(np.array, json.loads(inputs)), model.inputs)
]
results = model.run(arrays)[:len(model.outputs)]
return json.dumps([np.asarray(result, float).tolist() for result in results])
$$;
"""


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
    query = f'select {fields} from (select "{name}".score({places}) as r offset 0) as s'
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


@pytest.fixture(scope="module")
def computing(server: Server, template: str) -> Iterator[Any]:
    """A cursor in whose session the runtime is loaded, as a deployment brings it."""
    dsn = server.dsn("computing")
    with make_database(server, "computing", template), closing(psycopg2.connect(dsn)) as session:
        cursor = session.cursor()
        cursor.execute(SETUP)
        cursor.execute("select install(%s)", [runtime_text()])
        yield cursor


@pytest.fixture(scope="module")
def deployed_traits(zoo: Zoo) -> set[Any]:
    """All that models differ in which go the whole way."""
    return {trait for name in DEPLOYED for trait in traits_of(zoo[name].graph)}


def traits_of(graph: Graph) -> set[Any]:
    """What the SQL of a model, and what is stored of it, depend on: its ops, its ports' ranks, free
    lengths and types, how many they are, and the types of its weights."""
    ranks = [("input", len(p.shape), p.shape.count(None), p.is_text) for p in graph.inputs]
    ranks += [("output", len(p.shape), p.shape.count(None), False) for p in graph.outputs]
    tensors = [np.asarray(t) for node in graph.nodes for t in node.op.tensors().values()]
    return {
        *(type(node.op).__name__ for node in graph.nodes),
        *ranks,
        ("ports", len(graph.inputs), len(graph.outputs)),
        ("weights", *sorted({tensor.dtype.name for tensor in tensors})),
    }


@pytest.mark.parametrize("name", TRIED)
def test_the_server_computes_every_model_of_the_zoo_as_keras(
    name: str, zoo: Zoo, computing: Any, deployed_traits: set[Any]
) -> None:
    model = zoo[name]
    graph = model.graph
    assert traits_of(graph) <= deployed_traits, "nothing in DEPLOYED is like that"
    plan = plan_graph(graph, Signature("m"))
    given = json.dumps([x.tolist() for x in model.inputs])
    computing.execute(
        "select compute(%s, %s, %s, %s)", [plan.version, plan.text, plan.block, given]
    )
    for a, e in zip(json.loads(computing.fetchone()[0]), model.outputs, strict=True):
        check_close(np.array(a, float), e, PARITY, f"{name} in the server's Python")


@pytest.mark.parametrize("name", ZOO if is_thorough() else DEPLOYED)
def test_models_of_the_zoo_score_in_sql_as_in_keras(name: str, zoo: Zoo, session: Any) -> None:
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
