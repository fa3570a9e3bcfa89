"""What goes with a removed model: its own parts and, by force, what of others needs them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from exporter.databases.postgres.connection import Connection, execute
from exporter.engines.statements import REGISTRY
from exporter.sql.templates import render

PG_CLASS = 1259  # the catalog of tables and views, in every version


@dataclass(frozen=True)
class Part:
    """One object, as pg_depend knows it, and as people do; held is the table or view that it is a
    part of, 0 for what stands by itself."""

    class_: int
    number: int
    sub: int
    kind: str
    name: str
    held: int
    is_own: bool
    schema: str | None

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


@dataclass
class Gone:
    """What is gone when the block of a removal has ended: of the model, and of others; what is left
    in the model's schema, which stays then; and whether the registry went, too."""

    own: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    is_last: bool = False


@contextmanager
def watch_removal(connection: Connection, model: str) -> Iterator[Gone]:
    """Note what a removal takes along, which is done in the block, within one transaction."""
    sql = render(("postgres",), "parts_of_model", {"model": model, "registry": REGISTRY})
    before = [Part(*row) for row in execute(connection, sql)]
    gone = Gone()
    yield gone
    still = {Part(*row) for row in execute(connection, sql)}
    there = _find_there(connection, before)
    lost = [part for part in before if (part.class_, part.number, part.sub) not in there]
    wholes = {part.number for part in lost if part.class_ == PG_CLASS and not part.sub}
    parts = [part for part in lost if part.held not in wholes]
    of_model = [part for part in parts if part.is_own and part.schema == model]
    gone.own = tuple(map(str, of_model))
    gone.others = tuple(str(part) for part in parts if not part.is_own)
    gone.is_last = any(part.number in wholes and part.name == f"{REGISTRY}.models" for part in lost)
    stays = (p for p in still if p.schema == model and not (p.held or p.is_own))
    gone.left = tuple(sorted(map(str, stays)))


def _find_there(connection: Connection, parts: list[Part]) -> set[tuple[int, int, int]]:
    """Those that are still there: what is in a schema, or on a table, depends on that."""
    rows = execute(
        connection,
        "select distinct d.classid::bigint, d.objid::bigint, d.objsubid from pg_depend d"
        " where (d.classid::bigint, d.objid::bigint) in (select * from unnest(%s::bigint[],"
        " %s::bigint[]))",
        ([part.class_ for part in parts], [part.number for part in parts]),
    )
    return {(class_, id_, sub) for class_, id_, sub in rows}
