"""SQL is composed of SQL: by Sql's own format and join, and in no other way."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator

import pytest
from syntax_trees import trees

from exporter.errors import SqlTextError
from exporter.sql.text import Sql

QUOTING = ("sql/text.py", "databases/oracle/text.py")
# What may say that a text needs no quoting, and why.
AS_IS = {
    **dict.fromkeys(QUOTING, "they quote"),
    "sql/templates.py": "templates take nothing but Sql",
    "databases/greenplum/segments.py": "names that the server quoted",
    "databases/postgres/compare.py": "a source and its rows as the server quoted them",
    "databases/oracle/sources.py": "names of types that the server gave",
    "databases/oracle/sqlplus.py": "a unit without the words that it begins with",
    "engines/plsql/runtime.py": "a file that ships with the program",
}
MAKERS = {
    "Sql", "as_is", "ident", "literal", "number", "boolean", "reals", "texts", "binary", "body",
    "comma", "single", "array_of", "program", "render", "acting_role",
}  # fmt: skip
# Texts for people, which may show a name as it is quoted.
FOR_PEOPLE = {
    ("databases/postgres/inspection.py", "inspect"),
    ("databases/postgres/script.py", "_summary"),
}


def calls(name: str) -> Iterator[tuple[str, ast.Call]]:
    """Every call of a function or method in the package, by the file that it stands in."""
    for path, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                of = node.func
                if (isinstance(of, ast.Name) and of.id == name) or (
                    isinstance(of, ast.Attribute) and of.attr == name
                ):
                    yield path, node


def is_text(node: ast.AST) -> bool:
    """Is it a text that stands in the program?"""
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def test_a_template_of_sql_takes_nothing_but_sql() -> None:
    assert Sql("a {} {b}").format(Sql("x"), b=Sql("y")) == "a x y"
    assert isinstance(Sql("a {}").format(Sql("x")), Sql)
    assert isinstance(Sql(" and ").join([Sql("x"), Sql("y")]), Sql)
    for made in (
        lambda: Sql("{}").format("x"),  # type: ignore[arg-type]
        lambda: Sql("{a}").format(a=1),  # type: ignore[arg-type]
        lambda: Sql(", ").join([Sql("x"), "y"]),
    ):
        with pytest.raises(SqlTextError, match="was not quoted"):
            made()


def test_sql_is_made_of_literals() -> None:
    """The class itself makes Sql of what it composed, and as_is of what was quoted."""
    found = [
        f"{path}:{node.lineno}: {ast.unparse(node)[:80]}"
        for path, node in calls("Sql")
        if len(node.args) != 1 or node.keywords or not is_text(node.args[0])
    ]
    inside = ["Sql(str.format(self, *parts, **named))", "Sql(str.join(self, items))", "Sql(text)"]
    assert sorted(line.split(": ", 1)[1] for line in found) == sorted(inside), found
    assert all(line.startswith("sql/text.py:") for line in found)


def test_what_says_that_a_text_needs_no_quoting() -> None:
    assert {path for path, _ in calls("as_is")} == set(AS_IS)


def test_templates_of_sql_name_their_parts_and_nothing_else() -> None:
    """No attributes, conversions or formats, through which other text could enter."""
    for _, node in calls("format"):
        receiver = node.func.value if isinstance(node.func, ast.Attribute) else None
        if isinstance(receiver, ast.Call) and getattr(receiver.func, "id", "") == "Sql":
            template = receiver.args[0]
            assert isinstance(template, ast.Constant)
            for _, field, specification, conversion in string.Formatter().parse(template.value):
                assert field is None or field == "" or field.isidentifier(), template.value
                assert not specification and not conversion, template.value


def test_nothing_composes_sql_but_sql() -> None:
    """No f-string, % or + around what was quoted: it would be plain text again, and unchecked."""
    found = []
    for path, tree in trees().items():
        for function in [n for n in ast.walk(tree) if isinstance(n, (ast.FunctionDef, ast.Module))]:
            if path in QUOTING and isinstance(function, ast.FunctionDef):
                continue
            for node in composing(function):
                if not isinstance(function, ast.Module) and (path, function.name) in FOR_PEOPLE:
                    continue
                found.append(f"{path}:{node.lineno}: {ast.unparse(node)[:80]}")
    assert found == []


def composing(function: ast.FunctionDef | ast.Module) -> Iterator[ast.expr]:
    """f-strings, sums and % of a function, or of a module outside of functions, that hold a call of
    what makes Sql."""
    stack: list[ast.AST] = list(ast.iter_child_nodes(function))
    while stack:
        node = stack.pop()
        if isinstance(node, ast.FunctionDef):
            continue
        stack += ast.iter_child_nodes(node)
        is_sum = isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Mod))
        if isinstance(node, ast.JoinedStr) or is_sum:
            names = {
                n.func.id for n in ast.walk(node)
                if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)
            }  # fmt: skip
            if names & MAKERS:
                yield node


def test_what_was_rendered_is_not_edited() -> None:
    """A rendered statement holds texts of the user: words that are replaced in it are his too."""
    methods = {"replace", "partition", "rpartition", "split", "sub", "translate", "strip"}
    calls_of_plsql = [path for path in trees() if path.startswith("engines/plsql/calls/")]
    for path in ("databases/postgres/script.py", "databases/postgres/shared.py",
                 "databases/postgres/aliases.py",
                 "databases/postgres/interface.py", "databases/postgres/proof.py",
                 "databases/postgres/rows.py", "databases/greenplum/script.py",
                 "databases/oracle/assembly.py", "databases/oracle/registry.py",
                 "databases/oracle/script.py",
                 "engines/plpython/record.py", "engines/plsql/interface.py",
                 "engines/plsql/lowering.py", "engines/plsql/package.py",
                 "engines/plsql/rendering.py", "engines/plsql/rows.py",
                 "engines/plsql/forward.py", "engines/plsql/weights.py",
                 *calls_of_plsql):  # fmt: skip
        for node in ast.walk(trees()[path]):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                assert node.func.attr not in methods, f"{path}: {ast.unparse(node)}"
