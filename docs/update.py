"""Write the generated parts of the pages in docs/: python docs/update.py

A part lies between <!-- NAME --> and <!-- /NAME -->; a test compares them with the code. Figures
come from docs/bench/results.json: make bench ARGS="--page --output docs/bench" measures them anew.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from exporter.formats.keras.layers.activations import ACTIVATION_NAMES
from exporter.support import layer_table

sys.path.append(str(Path(__file__).parents[1] / "benchmarks"))
from report import page_parts

DOCS = Path(__file__).parent
RESULTS = DOCS / "bench" / "results.json"


def parts() -> dict[str, dict[str, str]]:
    """The generated parts by the page that holds them, and by name."""
    names = ", ".join(f"`{name}`" for name in sorted(set(ACTIVATION_NAMES)))
    made = {
        "layers.md": {"layers": f"\n{layer_table('keras')}\n", "activations": f"\n{names}\n"},
        "sklearn.md": {"estimators": f"\n{layer_table('sklearn')}\n"},
        "trees.md": {
            name: f"\n{layer_table(name)}\n" for name in ("xgboost", "lightgbm", "catboost")
        },
    }
    if RESULTS.exists():
        made["performance.md"] = page_parts(json.loads(RESULTS.read_text(encoding="utf-8")))
    return made


def update(page: str, text: str) -> str:
    """A page with its generated parts made anew.

    Raises: ValueError, when the page has no place for one of them.
    """
    for name, content in parts().get(page, {}).items():
        pattern = rf"(<!-- {name} -->).*?(<!-- /{name} -->)"
        text, count = re.subn(pattern, lambda m, c=content: f"{m[1]}{c}{m[2]}", text, flags=re.S)
        if count != 1:
            raise ValueError(f"{page} has {count} parts <!-- {name} --> instead of one")
    return text


if __name__ == "__main__":
    for name in parts():
        path = DOCS / name
        path.write_text(update(name, path.read_text(encoding="utf-8")), encoding="utf-8")
