"""Write the generated parts of README.md: python docs/update.py

A part lies between <!-- NAME --> and <!-- /NAME -->; a test compares them with the code.
"""

from __future__ import annotations

import re
from pathlib import Path

from exporter.reader.layers.activations import ACTIVATION_NAMES
from exporter.support import layer_table

README = Path(__file__).parents[1] / "README.md"


def update(text: str) -> str:
    """README.md with its generated parts made anew."""
    parts = {
        "layers": f"\n{layer_table()}\n",
        "activations": ", ".join(f"`{name}`" for name in sorted(set(ACTIVATION_NAMES))),
    }
    for name, content in parts.items():
        pattern = rf"(<!-- {name} -->).*?(<!-- /{name} -->)"
        text = re.sub(pattern, lambda m, c=content: f"{m[1]}{c}{m[2]}", text, flags=re.S)
    return text


if __name__ == "__main__":
    README.write_text(update(README.read_text(encoding="utf-8")), encoding="utf-8")
