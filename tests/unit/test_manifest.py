"""What a registry keeps of a version is enough: the same graph and scripts without the file."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from budgets import is_thorough
from manifests import check_the_way_back
from oracle.networks import FIXED

from exporter.databases import DATABASES
from exporter.errors import DatabaseError
from exporter.formats import read
from exporter.ir.columns import Column
from exporter.ir.graph import Graph, Port
from exporter.ir.passes import simplify
from exporter.ir.plan import Plan, Signature, plan_graph
from exporter.manifest import FORMAT, Manifest, make_manifest
from exporter.samples import Samples, draw_inputs, expect_outputs

ROOT = Path(__file__).parents[2]
FILES = sorted(
    path
    for folder in ("tests/data", "examples")
    for path in (ROOT / folder).rglob("*.*")
    if path.suffix in (".h5", ".keras")
)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_files_come_back(path: Path) -> None:
    check_the_way_back(simplify(read(path)))


@pytest.mark.parametrize("name", sorted(FIXED))
def test_networks_of_every_kind_of_op_come_back(name: str) -> None:
    check_the_way_back(FIXED[name])


def prepare(graph: Graph, signature: Signature) -> tuple[Manifest, Plan, Samples]:
    """All that a script is compiled from."""
    plan = plan_graph(graph, signature)
    samples = expect_outputs(plan, draw_inputs(graph, 2))
    return make_manifest(graph, plan, samples), plan, samples


@pytest.mark.parametrize("target", sorted(DATABASES))
def test_every_database_compiles_the_same_script_from_it(target: str) -> None:
    signature = Signature("m", ("a", "b", "c", "d"), ("public", "t"), ("x", "y", "z"))
    for name in ("classes", "ports", "images", "free_sequence"):
        named = signature if name == "classes" else Signature("m")
        manifest, plan, samples = prepare(FIXED[name], named)
        kept = Manifest.from_json(manifest.to_json(), manifest.plan)
        compiled = DATABASES[target].compile
        assert str(compiled(kept, plan.block, samples)) == str(
            compiled(manifest, plan.block, samples)
        )


def test_columns_come_back_under_the_names_they_are_called_by() -> None:
    graph = FIXED["classes"]
    (port,) = graph.inputs
    columns = tuple(Column(f"c{n}", nulls="missing", place=n) for n in range(port.shape[0] or 0))
    graph = replace(graph, inputs=(replace(port, columns=columns),))
    names = tuple(f"own {n}" for n in range(len(columns)))
    manifest = make_manifest(
        graph, plan_graph(graph, Signature("m", names)), Samples((), (), "", 0.0)
    )
    (again,) = manifest.inputs
    assert again == replace(
        port,
        columns=tuple(replace(c, name=n) for c, n in zip(columns, names, strict=True)),
    )


def test_bounds_are_left_out() -> None:
    graph = FIXED["classes"]
    (port,) = graph.inputs
    bounded = replace(graph, inputs=(replace(port, low=0, high=255),))
    manifest, _, _ = prepare(bounded, Signature("m"))
    assert manifest.inputs == (Port(port.name, 0, port.shape),)


def test_without_names_of_layers_nodes_have_those_of_their_weights() -> None:
    graph = FIXED["classes"]
    manifest, plan, _ = prepare(graph, Signature("m"))
    again = replace(manifest, layers=None).restore_graph(plan.block)
    pairs = list(zip(graph.nodes, again.nodes, strict=True))
    for node, other in pairs:
        assert other.layer == (node.layer if node.op.tensors() else node.op.kernel_name)
    assert {bool(node.op.tensors()) for node, _ in pairs} == {True, False}


def test_other_weights_are_refused() -> None:
    manifest, plan, samples = prepare(FIXED["classes"], Signature("m"))
    altered = plan.block[:-1] + bytes([plan.block[-1] ^ 1])
    with pytest.raises(DatabaseError, match=r"altered them\. Deploy the model.s file"):
        manifest.restore_plan(altered)
    for database in DATABASES.values():
        with pytest.raises(DatabaseError, match="altered"):
            database.compile(manifest, altered, samples)


def test_what_a_newer_program_wrote_is_refused() -> None:
    manifest, _, _ = prepare(FIXED["classes"], Signature("m"))
    content = json.loads(manifest.to_json()) | {"manifest": FORMAT + 1, "new": "thing"}
    with pytest.raises(DatabaseError, match=f"has format {FORMAT + 1}.*newer"):
        Manifest.from_json(json.dumps(content), manifest.plan)


@pytest.mark.parametrize(
    "text", ["", "[]", "3", "{}", '{"manifest":"1"}', '{"manifest":1}', '{"manifest":1,"source":3}']
)
def test_a_damaged_one_says_what_to_do(text: str) -> None:
    with pytest.raises(DatabaseError, match=r"altered it\. Deploy the model.s file"):
        Manifest.from_json(text, "{}")


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "{", "null", "[" * 10**6, "1" * 10**6, '{"manifest": "x"}', '{"manifest": 1}',
        "[" + "[],{}," * (10**6 if is_thorough() else 10**5), '{"manifest": NaN}',
    ],
)  # fmt: skip
def test_a_manifest_or_a_plan_that_somebody_wrote_is_an_error_of_its_own(text: str) -> None:
    """Whoever may deploy can write both; others read them, and must not fail otherwise."""
    signature = Signature("m")
    manifest, plan, _ = prepare(FIXED["classes"], signature)
    with pytest.raises(DatabaseError, match="somebody altered it"):
        Manifest.from_json(text, manifest.plan)
    written = replace(manifest, plan=text)
    for read_back in (
        lambda: written.signature,
        lambda: written.inputs,
        lambda: written.outputs,
        lambda: written.restore_graph(plan.block),
    ):
        with pytest.raises(DatabaseError, match="somebody altered it"):
            read_back()


@pytest.mark.parametrize("name", ["version", "tolerance", "layers", "source", "exporter"])
def test_a_manifest_with_a_field_of_another_type_is_none(name: str) -> None:
    manifest, _, _ = prepare(FIXED["classes"], Signature("m"))
    content = json.loads(manifest.to_json()) | {name: 7 if name != "tolerance" else "x"}
    with pytest.raises(DatabaseError, match="somebody altered it"):
        Manifest.from_json(json.dumps(content), manifest.plan)
