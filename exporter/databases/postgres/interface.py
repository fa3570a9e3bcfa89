"""What the functions of a version take and give, as those who call them see it in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from exporter.databases.postgres.columns import TYPES, has_own_columns
from exporter.databases.postgres.limits import MAX_ARGUMENTS
from exporter.databases.postgres.ports import (
    argument_names,
    argument_pattern,
    element_type,
    parameter,
)
from exporter.engines.statements import SHORT, Statements, Version
from exporter.ir.columns import Column
from exporter.ir.graph import Port
from exporter.ir.plan import Signature
from exporter.manifest import Manifest
from exporter.sql.text import Sql, comma, ident, literal


@dataclass(frozen=True)
class Call:
    """One way to hand a row over: parameters, and the messages made of them as the engine takes
    them; packed are the same as they stand in batches. same, a regular expression, is given where
    parameters of other names are the same."""

    parameters: tuple[Sql, ...]
    types: tuple[Sql, ...]
    messages: tuple[Sql, ...]
    packed: tuple[Sql, ...]
    same: str = ""


@dataclass(frozen=True)
class Interface:
    """A version as SQL calls it.

    columns are those of a model that takes them as such; returns is the type of a score;
    is_network, whether the server writes the lengths of texts in a row with the highest byte first.
    alias is what the version is called beside the champion, whose functions have it at their end.
    keeps_version says whether statements keep the version that they began with, by kept().
    """

    manifest: Manifest
    engine: Statements
    columns: tuple[Column, ...]
    version: Version
    returns: Sql
    is_network: bool
    alias: str = ""
    keeps_version: bool = False

    def named(self, function: str) -> str:
        """What a function that users call is named."""
        return f"{function}_{self.alias}" if self.alias else function

    @property
    def signature(self) -> Signature:
        """Names of features, labels and the window."""
        return self.manifest.signature

    @property
    def short(self) -> str:
        """The beginning of the version's digest, which is in names."""
        return self.manifest.version[:SHORT]

    @property
    def model(self) -> str:
        """The name of the model, which is that of its schema."""
        return self.manifest.name

    def kept(self) -> Sql:
        """SQL that tells which version a statement keeps that is planned with this one's functions,
        and costs its rows nothing."""
        named = (self.model, self.alias, self.manifest.version)
        return Sql("export_model.kept({})").format(comma(map(literal, named)))

    def kept_text(self, text: str) -> Sql:
        """SQL of a text that names functions of this version, or of the one that is kept; it is
        a constant in all other statements."""
        if not self.keeps_version:
            return literal(text)
        kept, digits = self.kept(), literal(self.short)
        chosen = Sql(
            "case when {} operator(pg_catalog.=) '' then {}"
            " else export_model.kept_digits({}, {}) end"
        ).format(kept, digits, digits, kept)
        return Sql("pg_catalog.replace({}, {}, {})").format(literal(text), digits, chosen)

    def calls(self) -> list[Call]:
        """Each way to hand a row over."""
        calls = [] if has_own_columns(self.manifest.inputs) else [self._array_call()]
        if self.signature.features and len(self.signature.features) <= MAX_ARGUMENTS:
            calls.append(self._scalar_call())
        if self.signature.feature_table:
            calls.append(self._row_call())
        return calls

    def _array_call(self) -> Call:
        """score(input real[], ...): one array for each input, text[] where it takes texts."""
        ports = self.manifest.inputs
        messages = [self.engine.message(parameter(n), port) for n, port in enumerate(ports, 1)]
        names = argument_names([port.name for port in ports])
        types = tuple(Sql("{}[]").format(element_type(port)) for port in ports)
        return Call(
            tuple(
                Sql("{} {}").format(ident(name), type_)
                for name, type_ in zip(names, types, strict=True)
            ),
            types,
            tuple(messages),
            self.pack(messages, ports),
            argument_pattern(ports, types),
        )

    def _scalar_call(self) -> Call:
        """score(a double precision, b text, ...): double precision all the way, because a cast to
        real raises an error for numbers below 1e-45."""
        features = self.signature.features
        kinds = [column.kind for column in self.columns] or ["number"] * len(features)
        types = [TYPES[kind] for kind in kinds]
        named = zip(features, types, strict=True)
        message = self.columns_message([parameter(n) for n in range(1, len(features) + 1)])
        return Call(
            tuple(Sql("{} {}").format(ident(name), type_) for name, type_ in named),
            tuple(types),
            (message,),
            self.pack([message]),
        )

    def _row_call(self) -> Call:
        """score(TABLE): a row of the table, any number of columns."""
        schema, table = self.signature.feature_table or ("", "")
        row_type = Sql("{}.{}").format(ident(schema), ident(table))
        values = [Sql("($1).{}").format(ident(name)) for name in self.signature.features]
        message = self.columns_message(values)
        row = Sql("{} {}").format(ident("row"), row_type)
        return Call((row,), (row_type,), (message,), self.pack([message]))

    def columns_message(self, values: Sequence[Sql]) -> Sql:
        """One message for all columns, from the value of each."""
        if self.columns and self.engine.row_message is not None:
            return self.engine.row_message(self.columns, values, self.is_network)
        (port,) = self.manifest.inputs
        type_ = Sql("text") if port.is_text else Sql("double precision")
        items = comma(Sql("{}::{}").format(value, type_) for value in values)
        return self.engine.message(Sql("array[{}]").format(items), port)

    def pack(self, messages: Sequence[Sql], ports: Sequence[Port] = ()) -> tuple[Sql, ...]:
        """A row as it stands in batches; ports are those that the messages are of, if of ports."""
        if self.engine.packer is not None:
            return (Sql("{}({})").format(self.packer(), comma(messages)),)
        if not ports:
            return tuple(messages)
        return tuple(_delimited(m, port) for m, port in zip(messages, ports, strict=True))

    def packer(self, of: str = "") -> Sql:
        """The function of an engine that packs rows itself; with _row those of windows."""
        name = self.version.name(f"{self.engine.packer}{of}")
        return Sql("{}.{}").format(ident(self.model), ident(name))


def _delimited(message: Sql, port: Port) -> Sql:
    """A message that tells where it ends, as rows of a batch need it: JSON holds no zero byte."""
    if port.is_text:
        return Sql("{} operator(pg_catalog.||) E'\\\\x00'::pg_catalog.bytea").format(message)
    return message
