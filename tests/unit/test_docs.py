"""The pages of the project: their links, their generated parts, and that a test runs their code."""

from __future__ import annotations

import importlib.util
import re
import shlex
from pathlib import Path
from types import ModuleType

import click
import pytest

from exporter import cli

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
README = (ROOT / "README.md").read_text(encoding="utf-8")
# Where the blocks of a page are run, by the language of the block.
RUN = {
    "README.md": ("tests/database/test_readme.py", {"sh", "sql"}),
    "docs/functions.md": ("tests/database/test_readme.py", {"sh", "sql"}),
    "docs/compare.md": ("tests/database/test_compare.py", {"sh"}),
    "docs/versions.md": ("tests/database/test_versions_docs.py", {"sh", "sql"}),
    "docs/oracle.md": ("tests/oracle/test_readme.py", {"sh", "sql"}),
    "docs/sources.md": ("tests/database/test_sources.py", {"sh", "sql"}),
    "docs/api.md": ("tests/database/test_api_docs.py", {"python"}),
}


def _without_code(text: str) -> str:
    return re.sub(r"^```.*?^```|`[^`\n]*`", "", text, flags=re.S | re.M)


def _anchors(page: Path) -> set[str]:
    """What GitHub makes of the headings."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.S | re.M)
    headings = re.findall(r"^#+ (.+)$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_link_leads_somewhere(page: Path) -> None:
    """Links are relative: no address of the project is known."""
    for link in re.findall(r"\]\(([^)\s]+)\)", _without_code(page.read_text(encoding="utf-8"))):
        if link.startswith("https://"):
            continue
        path, _, anchor = link.partition("#")
        there = (page.parent / path) if path else page
        assert there.exists(), link
        assert not anchor or anchor in _anchors(there), link


def test_every_page_can_be_found_from_the_readme() -> None:
    found, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page.suffix != ".md" or page in found:
            continue
        found.add(page)
        links = re.findall(r"\]\(([^)#\s]+)", _without_code(page.read_text(encoding="utf-8")))
        waiting += [(page.parent / link).resolve() for link in links if ":" not in link]
    assert [page for page in PAGES if page not in found] == []


def test_the_readme_is_short() -> None:
    assert README.count("\n") <= 200


@pytest.mark.parametrize("name", ["layers.md", "performance.md"])
def test_generated_parts_are_up_to_date(name: str) -> None:
    update = _load_update()
    assert name in update.parts()
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert update.update(name, text) == text, "run: python docs/update.py"


def test_a_page_without_a_place_for_a_generated_part_is_noticed() -> None:
    with pytest.raises(ValueError, match="0 parts <!-- layers -->"):
        _load_update().update("layers.md", "# Layers\n")


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_block_of_code_is_run(page: Path) -> None:
    """Blocks of text are for what only its reader has: tables of his, a cluster, a container."""
    text = page.read_text(encoding="utf-8")
    languages = set(re.findall(r"^```(\w*)\n(?:.*?)^```", text, re.S | re.M)) - {"text"}
    name = str(page.relative_to(ROOT))
    if languages:
        test, known = RUN[name]
        assert languages <= known
        assert name in (ROOT / test).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_command_has_the_options_that_there_are(page: Path) -> None:
    """In blocks of every kind, those of text too."""
    text = page.read_text(encoding="utf-8").replace("\\\n", " ")
    for line in re.findall(r"^(?:\$ | {4})?export-model (.+(?:\n {13}.+)*)", text, re.M):
        words = shlex.split(re.sub(r"[\[\]|]", " ", line), comments=True)
        verb = cli.command.commands.get(words[0], cli.command.commands["export"])
        known = _options(verb)
        used = {word for word in words if word.startswith("-") and word != "-"}
        assert used <= known, line


def test_the_synopsis_has_every_verb_and_option() -> None:
    text = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    synopsis = text[: text.index("\n## ")]
    for name, verb in cli.command.commands.items():
        if name != "export":
            assert f"\nexport-model {name}" in synopsis
        for option in _options(verb) - {"--help"}:
            assert not option.startswith("--") or option in synopsis, f"{name} {option}"


def test_the_changelog_has_its_lines_under_their_kinds() -> None:
    """In Keep a Changelog's form; a merge may have put lines elsewhere."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    before, *kinds = re.split(r"^### ", text, flags=re.M)
    assert "\n- " not in before
    assert [kind.split("\n")[0] for kind in kinds] == ["Added", "Changed", "Fixed", "Security"]
    lines = re.findall(r"^- .*", text, flags=re.M)
    assert len(lines) == len(set(lines))


def test_every_decision_is_in_the_index() -> None:
    index = (ROOT / "docs/decisions/README.md").read_text(encoding="utf-8")
    listed = re.findall(r"\((\d{4}-[\w-]+\.md)\)", index)
    there = [page.name for page in (ROOT / "docs/decisions").glob("0*.md")]
    assert listed == sorted(there)


def test_paths_in_the_architecture_are_there() -> None:
    for name in ("docs/architecture.md", "CONTRIBUTING.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        paths = re.findall(
            r"\b((?:exporter|plpython|plsql|sql_templates|tests|docs)/[\w/.]*)", text
        )
        missing = [path for path in paths if not (ROOT / path.rstrip(".")).exists()]
        assert missing == [], name


def test_the_package_describes_itself_by_the_readme() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert '\nreadme = "README.md"\n' in project
    assert '\nauthors = [{ name = "export-model maintainers" }]\n' in project


def _options(verb: click.Command) -> set[str]:
    """Those of the databases' records too, and --help."""
    return {option for p in verb.get_params(click.Context(verb)) for option in p.opts}


def _load_update() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_update", ROOT / "docs" / "update.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
