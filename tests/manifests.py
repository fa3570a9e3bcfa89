"""A manifest that went through a registry against what it was made from."""

from __future__ import annotations

from dataclasses import replace

from exporter.ir.graph import Graph
from exporter.ir.ops import Op
from exporter.ir.plan import Signature, plan_graph
from exporter.manifest import Manifest, make_manifest
from exporter.samples import Samples

SIGNATURE = Signature("m", labels=("yes", "nö"), threshold=0.25)


def fields_of(op: Op) -> dict[str, object]:
    """What an op is, tensors as lists."""
    tensors = {name: (t.shape, t.tolist()) for name, t in op.tensors().items()}
    return {
        name: tensors[name] if name in tensors else repr(getattr(op, name))
        for name in op.__dataclass_fields__
    }


def check_the_way_back(graph: Graph, signature: Signature = SIGNATURE) -> None:
    """Fail unless a manifest that went through the registry gives everything again."""
    plan = plan_graph(graph, signature)
    made = make_manifest(graph, plan, Samples((), (), "somebody", 1e-5 / 3))
    manifest = Manifest.from_json(made.to_json(), made.plan)
    assert manifest == made
    assert manifest.signature == signature
    assert manifest.restore_plan(plan.block) == plan
    again = manifest.restore_graph(plan.block)
    assert plan_graph(again, manifest.signature) == plan
    assert again.digest == manifest.graph_digest == graph.digest
    assert again.inputs == tuple(replace(port, low=None, high=None) for port in graph.inputs)
    assert again.outputs == graph.outputs
    for node, other in zip(graph.nodes, again.nodes, strict=True):
        assert type(node.op) is type(other.op)
        assert fields_of(node.op) == fields_of(other.op)
        assert (node.inputs, node.value, node.shape) == (other.inputs, other.value, other.shape)
        assert node.layer == other.layer
