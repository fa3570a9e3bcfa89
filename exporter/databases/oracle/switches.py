"""The statements by which a synonym comes to stand for a version, and the journal of that."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from exporter.databases.oracle.shared import BUSY
from exporter.databases.oracle.templates import render
from exporter.databases.oracle.text import catalog_name, ident
from exporter.sql.script import Statement
from exporter.sql.text import Sql

SWITCH = "switch to this version"  # the statement from which on users see it
PIECE = 2000  # characters of a long text in one expression
EVERYBODY = "public"
GRANTED, REVOKED = "to ", "from "  # how the journal's reasons of grants begin


@dataclass(frozen=True)
class Standing:
    """What a synonym stands for: a version, and its package as the dictionary spells it."""

    version: str
    package: str


def switch_champion(
    model: str, synonym: str, to: Standing, action: str, because: str | None
) -> list[Statement]:
    """Statements that make a version, which was proved, the champion; synonym is the model's own,
    as the dictionary spells it."""
    return _switch(model, (None, synonym), synonym, to, to.package, (action, because))


def switch_alias(
    model: str,
    alias: tuple[str, str],
    to: Standing,
    champion: tuple[str, str],
    because: str | None,
) -> list[Statement]:
    """The same for an alias and its synonym; champion are the model's own synonym and the package
    that it stands for, whose grants are copied."""
    return _switch(model, alias, champion[0], to, champion[1], ("alias", because))


def remove_alias_of(
    model: str, alias: tuple[str, str], champion: str, because: str | None
) -> list[Statement]:
    """Statements that remove an alias and its synonym; champion is the package of the model's
    own."""
    name, synonym = alias
    of_alias = {"model": model, "alias": name, "synonym": synonym}
    return [
        _begin(model, alias, None, ("unalias", because)),
        _statement("remove the synonym", "drop_alias", **of_alias),
        _revoke(model, champion),
        _end(model),
    ]


def pieces_of(text: str | None) -> list[str]:
    """A long text in pieces that an expression can hold."""
    text = text or ""
    return [text[start : start + PIECE] for start in range(0, len(text), PIECE)]


def journal_statement(
    model: str, action: str, because: str | None, version: str | None = None
) -> Statement:
    """An entry of the journal about what changes no synonym."""
    of_entry = {"model": model, "action": action, "version": version}
    return _statement("journal", "write_journal", **of_entry, because=pieces_of(because))


def told_grant(names: Iterable[str]) -> str:
    """What the journal says of a grant."""
    return f"{GRANTED}{', '.join(names)}"


def told_revoke(names: Iterable[str]) -> str:
    """What it says of one that was taken back."""
    return f"{REVOKED}{', '.join(names)}"


def name_grantee(name: str) -> Sql:
    """A user or role as GRANT names it.

    Raises: SqlTextError.
    """
    return Sql("public") if name.lower() == EVERYBODY else ident(name)


def key_of_grantee(name: str) -> str:
    """The same as the dictionary spells it."""
    return EVERYBODY.upper() if name.lower() == EVERYBODY else catalog_name(name)


def quoted(key: str) -> Sql:
    """A name that the dictionary spells so."""
    return ident(key.lower() if catalog_name(key.lower()) == key else key)


def _switch(
    model: str,
    alias: tuple[str | None, str],
    source: str,
    to: Standing,
    champion: str,
    why: tuple[str, str | None],
) -> list[Statement]:
    package, synonym = quoted(to.package), quoted(alias[1])
    of_grants = {"synonym": source, "package": package, "package_key": to.package}
    return [
        _begin(model, alias, to.version, why),
        _statement("copy the grants of the champion", "copy_grants", **of_grants),
        _statement(SWITCH, "switch", synonym=synonym, package=package),
        _revoke(model, champion),
        _end(model),
    ]


def _begin(
    model: str, alias: tuple[str | None, str], version: str | None, why: tuple[str, str | None]
) -> Statement:
    name, synonym = alias
    action, because = why
    entry = {"action": action, "alias": name, "synonym": synonym, "version": version}
    of_model = {"model": model, "because": pieces_of(because), "busy": BUSY}
    return _statement("journal: what is switched", "begin_switch", **entry, **of_model)


def _end(model: str) -> Statement:
    return _statement("journal: it is switched", "end_switch", model=model)


def _revoke(model: str, champion: str) -> Statement:
    name = "revoke the grants of versions that nothing stands for"
    return _statement(name, "revoke_grants", model=model, package=champion)


def _statement(name: str, template: str, **variables: object) -> Statement:
    return Statement(name, render(template, variables))
