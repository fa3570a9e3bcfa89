"""What an export keeps in memory of a model: about twice its weights, whatever its layers are."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from commands import environment
from files import dense, sequential, write_h5, write_keras

from exporter import api
from exporter.engines.plpython.runtime import runtime
from exporter.engines.reference import evaluate
from exporter.formats import read
from exporter.ir.passes import simplify
from exporter.ir.plan import Signature, plan_graph
from exporter.samples import draw_inputs, split_block
from exporter.sql.script import WeightsStatement
from exporter.sql.text import Sql

WIDTH, LAYERS = 1024, 16  # 67 MB of weights
FILES = sorted(
    path for path in (Path(__file__).parents[1] / "data").iterdir()
    if path.suffix in (".h5", ".keras")
)  # fmt: skip
MEASURE = """
import sys
from exporter import api
import exporter.cli.program
def status(name):
    lines = dict(line.split(":", 1) for line in open("/proc/self/status"))
    return int(lines[name].split()[0]) * 1024
base = status("VmRSS")
open("/proc/self/clear_refs", "w").write("5")
model = api.read(sys.argv[1])
script = api.script(model, target="postgres", expected_by="float64")
written = sum(map(len, script.lines()))
print(status("VmHWM") - base, written)
"""


def write_deep(path: Path) -> Path:
    """A network of many layers of the same size."""
    numbers = np.random.default_rng(1)
    layers, weights = [], {}
    for number in range(LAYERS):
        name, first = f"d{number}", {} if number else {"batch_input_shape": [None, WIDTH]}
        layers.append(dense(name, WIDTH, "tanh", **first))
        kernel = numbers.standard_normal((WIDTH, WIDTH)).astype(np.float32) / 30
        weights[name] = [(f"{name}/kernel:0", kernel), (f"{name}/bias:0", np.zeros(WIDTH))]
    if path.suffix == ".h5":
        return write_h5(path, sequential(*layers), weights)
    places = [f"layers/dense{f'_{number}' if number else ''}" for number in range(LAYERS)]
    tree = {
        place: [array for _, array in weights[f"d{number}"]] for number, place in enumerate(places)
    }
    return write_keras(path, sequential(*layers), tree, "2.15.0")


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="needs Linux's /proc")
@pytest.mark.parametrize("suffix", [".h5", ".keras"])
def test_an_export_takes_about_twice_the_weights(tmp_path: Path, suffix: str) -> None:
    """The graph's and the block; in float64 one layer at a time, as text one chunk at a time."""
    path = write_deep(tmp_path / f"deep{suffix}")
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path)],
        env=environment(), capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    peak, written = map(int, done.stdout.split())
    weights = 4 * LAYERS * WIDTH * (WIDTH + 1)
    assert written > 1.3 * weights, "the script holds all of them"
    assert peak < 2.2 * weights + 45e6, f"{peak / weights:.2f} times the weights"


def test_statements_with_weights_are_made_when_asked_for() -> None:
    asked: list[int] = []

    def make() -> Sql:
        asked.append(1)
        return Sql("select 1")

    statement = WeightsStatement("weights", make)
    assert asked == []
    assert (statement.sql, *statement.pieces()) == ("select 1", "select 1")
    assert "not shown" in statement.shown and len(asked) == 3
    other = replace(statement, sql=Sql("select 2"))
    assert (other.sql, other.name) == ("select 2", "weights")
    assert isinstance(other, WeightsStatement) and statement == WeightsStatement("weights", make)


def test_chunks_are_views_of_the_block() -> None:
    block = bytes(range(200))
    chunks = split_block(block, 64)
    assert all(chunk.data.obj is block for chunk in chunks)


def test_weights_as_they_are_stored_are_their_own_memory(tmp_path: Path) -> None:
    graph = api.read(write_deep(tmp_path / "deep.h5")).graph
    kernel = graph.nodes[0].op.tensors()["kernel"]
    stored = np.frombuffer(kernel.stored(), np.uint8)
    assert np.shares_memory(stored, kernel)
    turned = kernel.T.stored()
    assert bytes(turned) == np.ascontiguousarray(kernel.T).tobytes()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_step_by_step_gives_what_the_whole_gives(path: Path) -> None:
    plan = plan_graph(graph := simplify(read(path)), Signature("m"))
    inputs = draw_inputs(graph, 8)
    whole = runtime().load(plan.version, plan.text, plan.block, "float64")
    numbers = [
        x if x.dtype == object else whole.as_numbers(x, port)
        for x, port in zip(inputs, whole.inputs, strict=True)
    ]
    for mine, theirs in zip(evaluate(plan, list(inputs)), whole.run(numbers), strict=True):
        np.testing.assert_array_equal(mine, theirs)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_loaded_model_goes_with_its_last_reference(path: Path) -> None:
    """In a server session too, where nobody collects garbage because arrays grew."""
    plan = plan_graph(simplify(read(path)), Signature("m"))
    gc.collect()
    gc.disable()
    try:
        model = runtime().load(plan.version, plan.text, plan.block)
        left = [weakref.ref(call) for call, *_ in model.steps if getattr(call, "__closure__", None)]
        del model
        assert left and all(call() is None for call in left)
    finally:
        gc.enable()
