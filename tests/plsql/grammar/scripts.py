"""Generated files to judge: what export-model writes for the models of this repository."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from exporter.databases import DATABASES
from exporter.databases.oracle.sqlplus import SqlPlusScript
from exporter.formats import read
from exporter.ir.columns import Column
from exporter.ir.passes import simplify
from exporter.ir.plan import plan_graph
from exporter.ir.signature import sign
from exporter.ir.windows import Window
from exporter.manifest import make_manifest
from exporter.samples import draw_inputs, expect_outputs

ROOT = Path(__file__).parents[3]
MODELS = {
    "adult": ("examples/adult/pipeline.joblib", {}),
    "digits": ("examples/digits/digits.h5", {"features": [f"p{n}" for n in range(64)]}),
    "forecast": ("examples/forecast/forecast.keras", {}),
    "images": ("examples/images/images.h5", {"labels": [f"it's {n}, é & more" for n in range(10)]}),
    "machine": ("examples/machine/machine.keras", {}),
    "windows": (
        "examples/machine/machine.keras",
        {"window": Window(24, columns=(Column('it\'s, a & "reading"'),))},
    ),
    "inclusive": ("examples/particles/inclusive.keras", {}),
    "particles": ("examples/particles/particle_sequence.keras", {}),
    "reviews": ("examples/reviews/reviews.keras", {}),
    "several": ("tests/data/several_outputs.keras", {}),
    "shared": ("tests/data/shared_model.h5", {}),
}


@cache
def deployment(name: str) -> SqlPlusScript:
    """The script that deploys one of MODELS."""
    path, options = MODELS[name]
    return compile_file(ROOT / path, name, **options)


def compile_file(path: Path, name: str, samples: int = 2, **options: Any) -> SqlPlusScript:
    """The script that deploys a file under a name, with expected outputs of our own."""
    oracle_version = options.pop("oracle_version", "19")
    graph = simplify(read(path))
    signature = sign(graph, name, **options)
    plan = plan_graph(graph, signature)
    rows = expect_outputs(plan, draw_inputs(graph, samples))
    script = DATABASES["oracle"].compile(
        make_manifest(graph, plan, rows), plan.block, rows, oracle_version=oracle_version
    )
    if not isinstance(script, SqlPlusScript):
        raise TypeError(f"{path} became {type(script).__name__}")
    return script
