"""Where the files that are shipped into databases lie: beside the package, or inside it."""

from __future__ import annotations

from pathlib import Path


def folder(name: str) -> Path:
    """Path of a top-level folder such as sql_templates: in a checkout, or in an installed wheel."""
    package = Path(__file__).parent
    for candidate in (package / name, package.parent / name):
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError(f"{name} is missing from the installation of export-model")


def read_text(path: str) -> str:
    """Text of a shipped file, for example read_text("plpython/probe.py")."""
    name, _, rest = path.partition("/")
    return (folder(name) / rest).read_text(encoding="utf-8")
