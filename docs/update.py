"""Write the generated parts of README.md: python docs/update.py

A part lies between <!-- NAME --> and <!-- /NAME -->; a test compares them with the code. Figures
come from docs/bench/results.json: make bench ARGS="--output docs/bench" measures them anew.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from exporter.formats.keras.layers.activations import ACTIVATION_NAMES
from exporter.support import layer_table

sys.path.append(str(Path(__file__).parents[1] / "benchmarks"))
from report import readme_parts

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
RESULTS = ROOT / "docs" / "bench" / "results.json"


def update(text: str) -> str:
    """README.md with its generated parts made anew."""
    parts = {
        "layers": f"\n{layer_table()}\n",
        "activations": ", ".join(f"`{name}`" for name in sorted(set(ACTIVATION_NAMES))),
    }
    if RESULTS.exists():
        parts |= readme_parts(json.loads(RESULTS.read_text(encoding="utf-8")))
    for name, content in parts.items():
        pattern = rf"(<!-- {name} -->).*?(<!-- /{name} -->)"
        text = re.sub(pattern, lambda m, c=content: f"{m[1]}{c}{m[2]}", text, flags=re.S)
    return text


if __name__ == "__main__":
    README.write_text(update(README.read_text(encoding="utf-8")), encoding="utf-8")
