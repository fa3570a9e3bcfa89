"""Small networks as real .h5 files, written with h5py alone, and helpers to deploy them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import databases
import h5py
import numpy as np
from databases import keep, log_in

from exporter.databases import DATABASES
from exporter.databases.postgres.deployment import Deployment, deploy
from exporter.engines.reference import evaluate
from exporter.formats import read
from exporter.ir.graph import Graph
from exporter.ir.passes import simplify
from exporter.ir.plan import Plan, plan_graph
from exporter.ir.signature import sign
from exporter.manifest import make_manifest
from exporter.samples import draw_inputs, expect_outputs
from exporter.sql.script import Script


def write_sequential(
    path: Path, sizes: Sequence[int], activations: Sequence[str], seed: int = 0, first: int = 0
) -> Path:
    """A Keras 2 Sequential of Dense layers: sizes[0] inputs, then one layer for each size, counted
    from first."""
    layers = []
    weights = {}
    generator = np.random.default_rng(seed)
    for number, (rows, units) in enumerate(pairwise(sizes)):
        name = f"dense_{first + number}"
        config: dict[str, Any] = {
            "name": name,
            "units": units,
            "activation": activations[number],
            "use_bias": True,
        }
        if number == 0:
            config["batch_input_shape"] = [None, rows]
        layers.append({"class_name": "Dense", "config": config})
        weights[name] = {
            "kernel": generator.standard_normal((rows, units)) / np.sqrt(rows),
            "bias": generator.standard_normal(units) / 10,
        }
    config = {"class_name": "Sequential", "config": {"name": path.stem, "layers": layers}}
    return write_h5(path, config, weights)


def write_two_by_two(path: Path, outputs: tuple[str, str] = ("one", "two")) -> Path:
    """A Functional model of two inputs (3 and 2 x 2) and two outputs (1 and 2 numbers)."""
    one, two = outputs

    def node(name: str, *sources: str, class_name: str = "Dense", **config: Any) -> dict[str, Any]:
        inbound = [[[source, 0, 0, {}] for source in sources]] if sources else []
        return {
            "class_name": class_name,
            "name": name,
            "config": {"name": name, **config},
            "inbound_nodes": inbound,
        }

    layers = [
        node("a", class_name="InputLayer", batch_input_shape=[None, 3]),
        node("b", class_name="InputLayer", batch_input_shape=[None, 2, 2]),
        node("flat", "b", class_name="Flatten"),
        node("both", "a", "flat", class_name="Concatenate", axis=-1),
        node(one, "both", units=1, activation="sigmoid"),
        node(two, "both", units=2, activation="linear"),
    ]
    generator = np.random.default_rng(5)
    weights = {
        name: {"kernel": generator.standard_normal((7, n)), "bias": generator.standard_normal(n)}
        for name, n in ((one, 1), (two, 2))
    }
    body = {
        "name": "two_by_two",
        "layers": layers,
        "input_layers": [["a", 0, 0], ["b", 0, 0]],
        "output_layers": [[one, 0, 0], [two, 0, 0]],
    }
    return write_h5(path, {"class_name": "Model", "config": body}, weights)


def write_h5(
    path: Path, config: dict[str, Any], weights: dict[str, dict[str, Any]], version: str = "2.2.4"
) -> Path:
    """A file of a Keras 2: configuration and weights by layer."""
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps(config).encode()
        file.attrs["keras_version"] = version.encode()
        file.attrs["backend"] = b"tensorflow"
        groups = file.create_group("model_weights")
        for name, arrays in weights.items():
            group = groups.create_group(name)
            group.attrs["weight_names"] = [f"{name}/{part}:0".encode() for part in arrays]
            for part, array in arrays.items():
                group.create_dataset(f"{name}/{part}:0", data=np.asarray(array, np.float32))
    return path


def compile_model(
    path: Path,
    name: str,
    samples: int = 3,
    target: str | None = None,
    generation: int | None = None,
    **options: Any,
) -> tuple[Script, Plan]:
    """The script that deploys a file under a name, and its plan."""
    return compile_graph(simplify(read(path)), name, samples, target, generation, **options)


def compile_graph(
    graph: Graph,
    name: str,
    samples: int = 3,
    target: str | None = None,
    generation: int | None = None,
    **options: Any,
) -> tuple[Script, Plan]:
    """The same for a graph."""
    signature = sign(graph, name, **options)
    plan = plan_graph(graph, signature)
    rows = expect_outputs(plan, draw_inputs(graph, samples))
    target = target or databases.TARGET
    of_target: dict[str, Any] = {} if generation is None else {"greenplum_version": generation}
    if target == "postgres":
        of_target["engine"] = databases.ENGINE
    script = DATABASES[target].compile(
        make_manifest(graph, plan, rows), plan.block, rows, **of_target
    )
    return script, plan


def deploy_model(place: Any, path: Path, name: str, **options: Any) -> Plan:
    """Deploy a file, over a connection or in the session that is kept for a DSN; its plan, to
    compute expected scores with."""
    script, plan = compile_model(path, name, **options)
    deploy_script(place, script)
    return plan


def deploy_graph(place: Any, graph: Graph, name: str, **options: Any) -> Plan:
    """The same for a graph."""
    script, plan = compile_graph(graph, name, **options)
    deploy_script(place, script)
    return plan


def deploy_script(place: Any, script: Script) -> Deployment:
    """The same for a script. A session of its own would take three times as long."""
    if not isinstance(place, str):
        return deploy(script, place)
    with keep(place) as connection:
        return deploy(script, connection)


def expected(plan: Plan, *inputs: Any) -> list[np.ndarray[Any, Any]]:
    """Outputs of a batch in float64."""
    return evaluate(plan, [np.asarray(item, np.float64) for item in inputs])


def ask(dsn: str, sql: str, values: Any = None) -> list[tuple[Any, ...]]:
    """Rows of one statement in the session that is kept for this database, committed: for what does
    not depend on being the first in its session."""
    with keep(dsn) as connection, connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall() if cursor.description else []


def query(dsn: str, sql: str, values: Any = None) -> list[tuple[Any, ...]]:
    """Rows of one statement in a session of its own, or one that is as new, committed."""
    connection = log_in(dsn)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def write_words(path: Path, words: Sequence[str], count: int, unknowns: int = 1) -> Path:
    """A softmax of 3 over how often each word of a vocabulary is among count texts."""

    def node(name: str, class_name: str, source: str = "", **config: Any) -> dict[str, Any]:
        inbound = [[[source, 0, 0, {}]]] if source else []
        config = {"name": name, **config}
        return {"class_name": class_name, "name": name, "config": config, "inbound_nodes": inbound}

    layers = [
        node("words", "InputLayer", batch_input_shape=[None, count], dtype="string"),
        node(
            "lookup",
            "StringLookup",
            "words",
            vocabulary=list(words),
            num_oov_indices=unknowns,
            output_mode="count",
        ),
        node("dense", "Dense", "lookup", units=3, activation="softmax"),
    ]
    kernel = np.random.default_rng(7).standard_normal((len(words) + unknowns, 3))
    body = {
        "name": "words",
        "layers": layers,
        "input_layers": [["words", 0, 0]],
        "output_layers": [["dense", 0, 0]],
    }
    weights: dict[str, dict[str, Any]] = {"dense": {"kernel": kernel, "bias": np.arange(3) / 10}}
    return write_h5(path, {"class_name": "Model", "config": body}, weights, version="2.4.0")
