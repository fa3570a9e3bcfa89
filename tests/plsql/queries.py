"""SQL statements: a query becomes a Python generator inside the code around it."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

from plsql import syntax as s
from plsql.expressions import E, Expressions, Function, plain
from plsql.types import (
    BOOLEAN,
    CLOB,
    NULL,
    NUMBER,
    PLS,
    REFCURSOR,
    VARCHAR,
    CursorType,
    RecordField,
    RecordType,
    RowType,
    Scalar,
    Scope,
    TableType,
    Var,
)  # fmt: skip

AGGREGATES = ("COUNT", "SUM", "MIN", "MAX", "AVG")


@dataclass
class Rows:
    """One item of FROM: its columns and the variable of its current row."""

    alias: str | None
    columns: list[tuple[str, Any]]
    row: str


@dataclass
class SqlScope:
    """The items of FROM that a column can belong to."""

    parent: SqlScope | None
    sources: list[Rows] = field(default_factory=list)
    # In a grouped query: what stands for aggregates and grouping expressions.
    groups: dict[str, E] | None = None
    # In a list of columns that names ROWNUM: the variable that counts the rows.
    rownum: str | None = None


def shown(node: Any) -> str:
    """A node without its lines, to compare two."""
    if is_dataclass(node) and not isinstance(node, type):
        inner = ", ".join(shown(getattr(node, f.name)) for f in fields(node) if f.name != "line")
        return f"{type(node).__name__}({inner})"
    if isinstance(node, tuple):
        return f"[{', '.join(shown(item) for item in node)}]"
    return repr(node)


def names_rownum(node: Any) -> bool:
    """Whether an expression names ROWNUM."""
    if isinstance(node, s.Select):
        return False
    if is_dataclass(node) and not isinstance(node, type):
        if isinstance(node, s.Name) and node.parts == ("ROWNUM",):
            return True
        return any(names_rownum(getattr(node, f.name)) for f in fields(node))
    return isinstance(node, tuple) and any(map(names_rownum, node))


def aggregates_in(node: Any) -> list[s.Call]:
    """The aggregate calls inside an expression, not those of subqueries."""
    if isinstance(node, s.Subquery):
        return []
    if (
        isinstance(node, s.Call)
        and isinstance(node.target, s.Name)
        and len(node.target.parts) == 1
        and node.target.parts[0] in AGGREGATES
    ):
        return [node]
    found = []
    if is_dataclass(node) and not isinstance(node, type):
        for item in fields(node):
            found += aggregates_in(getattr(node, item.name))
    elif isinstance(node, tuple):
        for item in node:
            found += aggregates_in(item)
    return found


class Queries(Expressions):
    """The part of the compiler that writes SQL."""

    catalog: Any
    owner: str
    unit: Any

    def __init__(self) -> None:
        super().__init__()
        self.sql: SqlScope | None = None
        self.tables_used: dict[tuple[str, tuple[str, ...]], Any] = {}

    # Names

    def table(self, name: s.Name) -> Any:
        """The table, view or dictionary view of a name."""
        table = self.catalog.table(self.owner, name.parts)
        if table is None:
            raise self.refuse(f"ORA-00942: table or view {name} does not exist", name)
        self.tables_used[self.owner, name.parts] = table
        return table

    def column_type(self, table: tuple[str, ...], column: str, node: Any) -> Any:
        for name, type_ in self.table(s.Name(node.line, table)).column_types():
            if name == column:
                return type_
        raise self.refuse(f"PLS-00302: column {column} must be declared", node)

    def table_record(self, node: s.TypeName) -> Any:
        columns = self.table(s.Name(node.line, node.parts)).column_types()
        return RecordType(
            ".".join(node.parts) + "%ROWTYPE", tuple(RecordField(n, t) for n, t in columns)
        )

    def column(self, node: s.Name) -> E | None:
        """The column that a name means; columns come before variables: SQL name resolution."""
        scope = self.sql
        if node.parts == ("ROWNUM",) and scope is not None and scope.rownum is not None:
            return plain(f"_Decimal({scope.rownum})", NUMBER)
        while scope is not None:
            if scope.groups is not None and shown(node) in scope.groups:
                return scope.groups[shown(node)]
            found = []
            for rows in scope.sources:
                if len(node.parts) == 2 and rows.alias != node.parts[0]:
                    continue
                for place, (name, type_) in enumerate(rows.columns):
                    if name == node.parts[-1] and len(node.parts) <= 2:
                        found.append(plain(f"{rows.row}[{place}]", type_))
            if len(found) > 1:
                raise self.refuse(f"ORA-00918: column {node} ambiguously defined", node)
            if found:
                if scope.groups is not None:
                    raise self.refuse(f"ORA-00979: {node} is not a GROUP BY expression", node)
                return found[0]
            scope = scope.parent
        return None

    def aggregate(self, target: s.Name, node: s.Call) -> E | None:
        if len(target.parts) != 1 or target.parts[0] not in AGGREGATES:
            return None
        assert self.sql is not None
        if self.sql.groups is None or shown(node) not in self.sql.groups:
            raise self.refuse("ORA-00934: group function is not allowed here", node)
        return self.sql.groups[shown(node)]

    # Queries

    def query(self, select: s.Select) -> tuple[str, list[tuple[str, Any]]]:
        """Write a generator function of the rows; its name and the columns."""
        name = self.new("_query")
        outer_fn, outer_sql = self.fn, self.sql
        self.fn = Function(name, outer_fn)
        self.fn.depth = outer_fn.depth + 1
        self.fn.sub = None
        self.sql = SqlScope(outer_sql)
        columns = self._query_body(select)
        inner, self.fn, self.sql = self.fn, outer_fn, outer_sql
        self.emit(f"def {name}():")
        self.fn.lines.extend(inner.lines)
        return name, columns

    def _query_body(self, select: s.Select) -> list[tuple[str, Any]]:
        depth = self.fn.depth
        grouped = bool(select.group_by) or any(
            aggregates_in(node) for node in (*select.items, select.having, *select.order_by)
        )
        ordered = bool(select.order_by)
        result = self.new("_sorted")
        groups = self.new("_groups")
        counts = any(names_rownum(node) for node in select.items)
        if counts and (ordered or grouped or select.distinct):
            raise self.refuse("ROWNUM beside ORDER BY, GROUP BY or DISTINCT counts before", select)
        count = self.new("_rownum")
        if counts:
            self.emit(f"{count} = 0")
        if ordered or select.distinct:
            self.emit(f"{result} = []")
        if grouped:
            self.emit(f"{groups} = {{}}" if select.group_by else f"{groups} = {{(): []}}")
        for source in select.sources:
            self._source(source)
        if select.where is not None:
            self.emit(f"if not {self.settled(self.boolean(select.where))}: continue")
        if grouped:
            self._group(select, groups, depth)
            if select.having is not None:
                self.emit(f"if not {self.settled(self.boolean(select.having))}: continue")
        if counts:
            self.emit(f"{count} += 1")
            assert self.sql is not None
            self.sql.rownum = count
        columns, codes = self._items(select)
        if (grouped or select.distinct) and any(
            getattr(type_, "kind", None) == "CLOB" for _, type_ in columns
        ):
            # SQL Language Reference 19c: LOBs in neither GROUP BY nor DISTINCT; beside a group
            # function it leaves them open.
            raise self.refuse("ORA-00932: a CLOB in a query of groups", select)
        row = f"({', '.join(codes)},)"
        if ordered:
            keys = self._sort_keys(select, columns, codes)
            self.emit(f"{result}.append((({', '.join(keys)},), {row}))")
        elif select.distinct:
            self.emit(f"{result}.append(((), {row}))")
        else:
            self.emit(f"yield {row}")
        self.fn.depth = depth
        if ordered or select.distinct:
            directions = [(i.descending, i.nulls) for i in select.order_by]
            self.emit(f"yield from _in_order({result}, {directions!r}, {select.distinct})")
        if select.union is not None:
            name, others = self.query(select.union)
            if len(others) != len(columns):
                raise self.refuse("ORA-01789: as many columns in each SELECT are needed", select)
            self.emit(f"yield from {name}()")
        return columns

    def _source(self, source: s.Source) -> None:
        assert self.sql is not None
        row = self.new("_row")
        alias = source.alias
        if source.kind == "select":
            outer = self.sql.sources
            self.sql.sources = []
            name, columns = self.query(source.value)
            self.sql.sources = outer
            code = f"{name}()"
        elif source.kind == "function":
            code, columns = self._table_function(source.value)
        elif source.value.parts == ("DUAL",):
            code, columns = "(('X',),)", [("DUMMY", VARCHAR)]
        else:
            code, columns = self._table_rows(source.value)
            alias = alias or source.value.parts[-1]
        self.emit(f"for {row} in {code}:")
        self.fn.depth += 1
        self.sql.sources.append(Rows(alias, columns, row))

    def _table_rows(self, name: s.Name) -> tuple[str, list[tuple[str, Any]]]:
        table = self.table(name)
        self.privileged(table, "SELECT", name)
        if table.select is None:
            return f"S.rows({self.register(table, '_table')})", table.column_types()
        owner, scope, sql = self.owner, self.scope, self.sql
        self.owner, self.scope, self.sql = table.owner, Scope(None), None
        query, _ = self.query(table.select)
        self.owner, self.scope, self.sql = owner, scope, sql
        return f"{query}()", table.column_types()

    def _table_function(self, node: Any) -> tuple[str, list[tuple[str, Any]]]:
        target = node.target if isinstance(node, s.Call) else node
        arguments = node.arguments if isinstance(node, s.Call) else ()
        if not isinstance(target, s.Name):
            raise self.refuse("TABLE() of a function or variable is needed", node)
        kind, entity, rest = self.resolve(target.parts, node)
        if kind == "subprogram" and not rest:
            sub, bound = self._overload(entity, arguments, node, wants_value=True)
            self.check_sql_call(sub, node, is_table=True)
            name = self.new("_r")
            self.write_call(sub, bound, node, name)
            code = f"S.piped({name})" if sub.is_pipelined else f"_members({name})"
            type_ = sub.returns
        else:
            e = self.expr(node)
            code, type_ = f"_members({self.settled(e)})", e.type
        if not isinstance(type_, TableType) or type_.key is not None:
            raise self.refuse(f"ORA-22905: rows of a {type_}", node)
        element = type_.element
        if isinstance(element, RecordType):
            return f"_fields({code})", [(f.name, f.type) for f in element.fields]
        return f"_single_column({code})", [("COLUMN_VALUE", element)]

    def _group(self, select: s.Select, groups: str, depth: int) -> None:
        """Collect keys and arguments of aggregates, then loop over the groups."""
        assert self.sql is not None
        keys = [self.expr(node) for node in select.group_by]
        key_codes = [self.settled(key) for key in keys]
        calls: dict[str, s.Call] = {}
        for node in (*select.items, select.having, *select.order_by):
            for call in aggregates_in(node):
                calls.setdefault(shown(call), call)
        inputs = []
        known: dict[str, E] = {}
        members = self.new("_members")
        for place, (text, call) in enumerate(calls.items()):
            assert isinstance(call.target, s.Name)
            function = call.target.parts[0]
            if len(call.arguments) != 1:
                raise self.refuse(f"{function} takes one argument", call)
            argument = call.arguments[0]
            distinct = argument.name == "DISTINCT"
            if isinstance(argument.value, s.Star):
                inputs.append("1")
                type_: Any = NUMBER
            else:
                e = self.expr(argument.value)
                inputs.append(self.settled(e))
                type_ = self._aggregate_type(function, e, call)
            code = f"_aggregate('{function}', {distinct}, [m[{place}] for m in {members}])"
            known[text] = plain(code, type_, nonnull=function == "COUNT")
        comma = "," if key_codes else ""
        key = f"({', '.join(key_codes)}{comma})"
        self.emit(f"{groups}.setdefault({key}, []).append(({', '.join(inputs)},))"
                  if inputs else f"{groups}.setdefault({key}, [])")  # fmt: skip
        self.fn.depth = depth
        key_name = self.new("_key")
        self.emit(f"for {key_name}, {members} in {groups}.items():")
        self.fn.depth += 1
        for place, (node, e) in enumerate(zip(select.group_by, keys, strict=True)):
            known[shown(node)] = plain(f"{key_name}[{place}]", e.type)
        self.sql.groups = known

    def _aggregate_type(self, function: str, e: E, node: Any) -> Any:
        if function == "COUNT":
            return NUMBER
        if function in ("SUM", "AVG"):
            if not e.type.is_numeric:
                raise self.refuse(f"{function} of a {e.type}", node)
            return NUMBER if e.type.kind in ("PLS", "NUMBER") else e.type
        if not isinstance(e.type, Scalar) or e.type.kind in ("CLOB", "BLOB"):
            raise self.refuse(f"{function} of a {e.type}", node)
        return e.type

    def _items(self, select: s.Select) -> tuple[list[tuple[str, Any]], list[str]]:
        assert self.sql is not None
        columns: list[tuple[str, Any]] = []
        codes: list[str] = []
        for item in select.items:
            if isinstance(item.value, s.Star):
                for rows in self.sql.sources:
                    if item.value.qualifier in (None, rows.alias):
                        columns += rows.columns
                        codes += [f"{rows.row}[{p}]" for p in range(len(rows.columns))]
                continue
            e = self.expr(item.value)
            if e.type == BOOLEAN:
                raise self.refuse("a BOOLEAN is no SQL value before 23", item)
            name = item.alias or self._column_name(item.value)
            columns.append((name, VARCHAR if e.type == NULL else e.type))
            codes.append(self.settled(e))
        return columns, codes

    @staticmethod
    def _column_name(node: Any) -> str:
        # No identifier can be this: an expression without an alias has no name.
        return str(node.parts[-1]) if isinstance(node, s.Name) else "(expression)"

    def _sort_keys(
        self, select: s.Select, columns: list[tuple[str, Any]], codes: list[str]
    ) -> list[str]:
        keys = []
        for item in select.order_by:
            if isinstance(item.value, s.Literal) and item.value.kind == "int":
                if not 1 <= item.value.value <= len(codes):
                    raise self.refuse("ORA-01785: ORDER BY item must be a column number", item)
                keys.append(codes[item.value.value - 1])
                continue
            aliases = [i.alias for i in select.items]
            if isinstance(item.value, s.Name) and len(item.value.parts) == 1 and (
                item.value.parts[0] in aliases
            ):  # fmt: skip
                keys.append(codes[[name for name, _ in columns].index(item.value.parts[0])])
                continue
            keys.append(self.settled(self.expr(item.value)))
        return keys

    def x_subquery(self, node: s.Subquery) -> E:
        if self.sql is None:
            raise self.refuse(f"a {node.kind} subquery outside of SQL", node)
        if node.select.into:
            raise self.refuse("INTO in a subquery", node)
        name, columns = self.query(node.select)
        if node.kind == "exists":
            return plain(f"_any_row({name}())", BOOLEAN, nonnull=True)
        if node.kind == "cursor":
            rows = self._opened(name, node.select)
            return plain(f"S.open_cursor({rows}, {len(columns)})", REFCURSOR)
        if len(columns) != 1:
            raise self.refuse("ORA-00913: one column is needed", node)
        result = self.new("_t")
        self.emit(f"{result} = _scalar({name}())")
        return plain(result, columns[0][1])

    def subquery_list(self, node: s.Subquery) -> str:
        if self.sql is None:
            raise self.refuse("IN (SELECT ...) outside of SQL", node)
        name, columns = self.query(node.select)
        if len(columns) != 1:
            raise self.refuse("ORA-00913: one column is needed", node)
        return f"[_one[0] for _one in {name}()]"

    @staticmethod
    def _opened(name: str, select: s.Select) -> str:
        """The rows of a query that is read little by little: as the variables and tables are when
        it is opened. A table function is called row by row, so that it can be left early."""
        if any(source.kind == "function" for source in select.sources):
            return f"{name}()"
        return f"list({name}())"

    # Statements with queries

    def s_select(self, node: s.Select) -> None:
        if not node.into:
            raise self.refuse("PLS-00428: an INTO clause is expected in this SELECT", node)
        name, columns = self.query(node)
        rows = self.new("_rows")
        if node.bulk:
            self.emit(f"{rows} = S.counted(list({name}()))")
            self._bulk_targets(node.into, columns, rows, node)
            return
        self.emit(f"{rows} = S.exact({name}())")
        self._row_targets(node.into, columns, rows, node)

    def _row_targets(
        self, into: tuple[Any, ...], columns: list[tuple[str, Any]], row: str, node: Any
    ) -> None:
        targets = [self.lvalue(item, "PLS-00403: INTO") for item in into]
        if len(targets) == 1 and isinstance(targets[0].type, RecordType):
            record = targets[0].type
            self._same_count(len(record.fields), len(columns), node)
            codes = [
                self.settled(self.convert(plain(f"{row}[{p}]", t), f.type, node))
                for p, ((_, t), f) in enumerate(zip(columns, record.fields, strict=True))
            ]
            e = plain(f"_record({self.register(record, '_type')}, [{', '.join(codes)}])", record,
                      fresh=True)  # fmt: skip
            self.store(targets[0], e, node)
            return
        self._same_count(len(targets), len(columns), node)
        for place, (target, (_, type_)) in enumerate(zip(targets, columns, strict=True)):
            self.store(target, plain(f"{row}[{place}]", type_), node)

    def _same_count(self, targets: int, columns: int, node: Any) -> None:
        if targets != columns:
            raise self.refuse(f"ORA-00947: {columns} columns for {targets} targets", node)

    def _bulk_targets(
        self, into: tuple[Any, ...], columns: list[tuple[str, Any]], rows: str, node: Any
    ) -> None:
        targets = [self.lvalue(item, "PLS-00403: BULK COLLECT INTO") for item in into]
        for target in targets:
            if not isinstance(target.type, TableType):
                raise self.refuse(f"PLS-00497: BULK COLLECT into a {target.type}", node)
        element = targets[0].type.element
        if len(targets) == 1 and isinstance(element, RecordType):
            self._same_count(len(element.fields), len(columns), node)
            codes = [
                self.convert(plain(f"_r[{p}]", t), f.type, node).slow
                for p, ((_, t), f) in enumerate(zip(columns, element.fields, strict=True))
            ]
            made = f"_record({self.register(element, '_type')}, [{', '.join(codes)}])"
            self._store_bulk(targets[0], f"[{made} for _r in {rows}]", node)
            return
        self._same_count(len(targets), len(columns), node)
        for place, (target, (_, type_)) in enumerate(zip(targets, columns, strict=True)):
            code = self.convert(plain(f"_r[{place}]", type_), target.type.element, node).slow
            self._store_bulk(target, f"[{code} for _r in {rows}]", node)

    def _store_bulk(self, target: Any, items: str, node: Any) -> None:
        type_ = self.register(target.type, "_type")
        self.store(target, plain(f"_bulk({type_}, {items})", target.type, fresh=True), node)

    def s_forquery(self, node: s.ForQuery) -> None:
        if node.select.into:
            raise self.refuse("INTO in the query of a loop", node)
        name, columns = self.query(node.select)
        names = [column for column, _ in columns]
        row_type = RowType({c: (p, t) for p, (c, t) in enumerate(columns) if names.count(c) == 1})
        var = Var(node.name, row_type, self.new("v_row"), self.fn, True, True,
                  why_constant="the row of a loop")  # fmt: skip
        self.emit(f"for {var.py} in {self._opened(name, node.select)}:")
        self._loop_body(node, var, False)

    def _loop_body(self, node: Any, var: Var | None, counted: bool) -> None:
        raise NotImplementedError

    def s_fetch(self, node: s.Fetch) -> None:
        cursor = self.expr(node.cursor)
        if not isinstance(cursor.type, CursorType):
            raise self.refuse(f"FETCH from a {cursor.type}", node)
        code = self.settled(cursor)
        targets = [self.lvalue(item, "PLS-00403: INTO") for item in node.targets]
        if node.bulk:
            self._fetch_bulk(node, code, targets)
            return
        types = [target.type for target in targets]
        if len(types) == 1 and isinstance(types[0], RecordType):
            types = [item.type for item in types[0].fields]
        row = self.new("_row")
        self.emit(f"{row} = _cursor({code}).one({self.register(types)})")
        self.emit(f"if {row} is not None:")
        self.fn.depth += 1
        self._row_targets(node.targets, [("", type_) for type_ in types], row, node)
        self.fn.depth -= 1

    def _fetch_bulk(self, node: s.Fetch, cursor: str, targets: list[Any]) -> None:
        for target in targets:
            if not isinstance(target.type, TableType):
                raise self.refuse(f"PLS-00497: BULK COLLECT into a {target.type}", node)
        limit = "None" if node.limit is None else self.settled(
            self.convert(self.expr(node.limit), PLS, node))  # fmt: skip
        has_limit = node.limit is not None
        rows = self.new("_columns")
        element = targets[0].type.element
        if len(targets) == 1 and isinstance(element, RecordType):
            types = self.register([item.type for item in element.fields])
            self.emit(f"{rows} = _cursor({cursor}).rows_of({types}, {limit}, {has_limit})")
            record = self.register(element, "_type")
            self._store_bulk(targets[0], f"[_record({record}, list(_r)) for _r in {rows}]", node)
            return
        types = self.register([target.type.element for target in targets])
        self.emit(f"{rows} = _cursor({cursor}).columns_of({types}, {limit}, {has_limit})")
        for place, target in enumerate(targets):
            self._store_bulk(target, f"{rows}[{place}]", node)

    def s_openfor(self, node: s.OpenFor) -> None:
        target = self.lvalue(node.cursor, "OPEN")
        if not isinstance(target.type, CursorType):
            raise self.refuse(f"OPEN of a {target.type}", node)
        if not isinstance(node.select, s.Select):
            raise self.refuse("OPEN FOR a dynamic text is outside the subset", node)
        name, columns = self.query(node.select)
        rows = self._opened(name, node.select)
        self.store(target, plain(f"S.open_cursor({rows}, {len(columns)})", REFCURSOR), node)

    def s_closecursor(self, node: s.CloseCursor) -> None:
        cursor = self.expr(node.cursor)
        if not isinstance(cursor.type, CursorType):
            raise self.refuse(f"CLOSE of a {cursor.type}", node)
        self.emit(f"_cursor({self.settled(cursor)}).close()")

    # Changes

    def _begin_sql(self, rows: list[Rows]) -> SqlScope | None:
        outer = self.sql
        self.sql = SqlScope(outer, rows)
        return outer

    def s_insert(self, node: s.Insert) -> None:
        table = self.writable(node.table, "INSERT")
        types = dict(table.column_types())
        places = []
        for column in node.columns:
            if column not in types:
                raise self.refuse(f"ORA-00904: {column}: invalid identifier", node)
            places.append([name for name, _ in table.column_types()].index(column))
        if len(set(places)) != len(places):
            raise self.refuse("ORA-00957: duplicate column name", node)
        name = self.register(table, "_table")
        if node.select is not None:
            query, columns = self.query(node.select)
            if len(columns) != len(places):
                raise self.refuse("ORA-00947: as many values as columns are needed", node)
            rows = f"list({query}())"
            given = [(f"_r[{p}]", t) for p, (_, t) in enumerate(columns)]
            outer = self._begin_sql([])
            codes = [
                self.convert(plain(code, t), types[column], node).slow
                for (code, t), column in zip(given, node.columns, strict=True)
            ]
            defaults = self._defaults(table, node.columns, node)
            self.sql = outer
            values = f"[[{', '.join(codes + [d for _, d in defaults])}] for _r in {rows}]"
        else:
            outer = self._begin_sql([])
            codes = [
                self.settled(self._column_value(value, types[column], node))
                for value, column in zip(node.values, node.columns, strict=True)
            ]
            defaults = self._defaults(table, node.columns, node)
            self.sql = outer
            values = f"[[{', '.join(codes + [d for _, d in defaults])}]]"
        places += [place for place, _ in defaults]
        self.emit(f"S.insert_rows({name}, {places!r}, {values})")

    def _column_value(self, node: Any, type_: Any, where: Any) -> E:
        return self.convert(self.expr(node), type_, where, "value of a column")

    def _defaults(self, table: Any, given: tuple[str, ...], node: Any) -> list[tuple[int, str]]:
        """The places and codes of defaults of columns that a statement does not give."""
        found = []
        for place, column in enumerate(table.columns):
            if column.name not in given and column.default is not None:
                e = self._column_value(column.default, column.type, node)
                found.append((place, self.settled(e)))
        return found

    def privileged(self, table: Any, privilege: str, node: Any) -> None:
        """Refuse what the owner of the code may not do; roles do not count in stored code."""
        fitting = {privilege, "READ"} if privilege == "SELECT" else {privilege}
        if table.owner != "SYS" and not self.catalog.allowed(
            self.owner, table, fitting, roles=self.unit is None
        ):
            raise self.refuse("ORA-01031: insufficient privileges", node)

    def writable(self, name: s.Name, privilege: str) -> Any:
        table = self.table(name)
        self.privileged(table, privilege, name)
        if not table.is_writable:
            raise self.refuse(f"ORA-01732: {name} cannot be changed", name)
        return table

    def s_update(self, node: s.Update) -> None:
        table = self.writable(node.table, "UPDATE")
        row, changes = self.new("_row"), self.new("_changes")
        columns = table.column_types()
        types = dict(columns)
        name = self.register(table, "_table")
        self.emit(f"{changes} = []")
        self.emit(f"for {row}_, {row} in S.stored_rows({name}):")
        self.fn.depth += 1
        outer = self._begin_sql([Rows(node.alias or node.table.parts[-1], columns, row)])
        if node.where is not None:
            self.emit(f"if not {self.settled(self.boolean(node.where))}: continue")
        places, codes = [], []
        for column, value in node.assignments:
            if column not in types:
                raise self.refuse(f"ORA-00904: {column}: invalid identifier", node)
            places.append([n for n, _ in columns].index(column))
            codes.append(self.settled(self._column_value(value, types[column], node)))
        self.sql = outer
        self.emit(f"{changes}.append(({row}_, [{', '.join(codes)}]))")
        self.fn.depth -= 1
        self.emit(f"S.update_rows({name}, {places!r}, {changes})")

    def s_delete(self, node: s.Delete) -> None:
        table = self.writable(node.table, "DELETE")
        row, gone = self.new("_row"), self.new("_gone")
        name = self.register(table, "_table")
        self.emit(f"{gone} = []")
        self.emit(f"for {row}_, {row} in S.stored_rows({name}):")
        self.fn.depth += 1
        alias = node.alias or node.table.parts[-1]
        outer = self._begin_sql([Rows(alias, table.column_types(), row)])
        if node.where is not None:
            self.emit(f"if not {self.settled(self.boolean(node.where))}: continue")
        self.sql = outer
        self.emit(f"{gone}.append({row}_)")
        self.fn.depth -= 1
        self.emit(f"S.delete_rows({name}, {gone})")

    def s_merge(self, node: s.Merge) -> None:
        table = self.writable(node.table, "UPDATE")
        columns = table.column_types()
        types = dict(columns)
        for column in (*node.columns, *(c for c, _ in node.matched)):
            if column not in types:
                raise self.refuse(f"ORA-00904: {column}: invalid identifier", node)
        order = [n for n, _ in columns]
        name = self.register(table, "_table")
        changes, new, hits, row = (self.new(p) for p in ("_changes", "_new", "_hits", "_row"))
        self.emit(f"{changes} = []; {new} = []")
        outer = self._begin_sql([])
        depth = self.fn.depth
        self._source(node.source)
        source = list(self.sql.sources) if self.sql is not None else []
        self.emit(f"{hits} = 0")
        self.emit(f"for {row}_, {row} in S.stored_rows({name}):")
        self.fn.depth += 1
        assert self.sql is not None
        self.sql.sources.append(Rows(node.alias or node.table.parts[-1], columns, row))
        self.emit(f"if not {self.settled(self.boolean(node.condition))}: continue")
        self.emit(f"{hits} += 1")
        if node.matched:
            if node.matched_where is not None:
                self.emit(f"if not {self.settled(self.boolean(node.matched_where))}: continue")
            codes = [self.settled(self._column_value(v, types[c], node)) for c, v in node.matched]
            self.emit(f"{changes}.append(({row}_, [{', '.join(codes)}]))")
        self.fn.depth -= 1
        places: list[int] = []
        if node.columns:
            self.sql.sources = source
            self.emit(f"if not {hits}:")
            self.fn.depth += 1
            codes = [
                self.settled(self._column_value(v, types[c], node))
                for v, c in zip(node.values, node.columns, strict=True)
            ]
            defaults = self._defaults(table, node.columns, node)
            places = [order.index(c) for c in node.columns] + [p for p, _ in defaults]
            self.emit(f"{new}.append([{', '.join(codes + [d for _, d in defaults])}])")
        self.sql = outer
        self.fn.depth = depth
        matched = [order.index(c) for c, _ in node.matched]
        self.emit(f"S.merge_rows({name}, {matched!r}, {changes}, {places!r}, {new})")

    def s_transaction(self, node: s.Transaction) -> None:
        if node.savepoint is not None:
            raise self.refuse("savepoints are outside the subset", node)
        self.emit("S.read_only()" if node.kind == "SET" else f"S.{node.kind.lower()}()")

    def s_executeimmediate(self, node: s.ExecuteImmediate) -> None:
        text = self.value(node.text, VARCHAR) if self.expr_type(node.text) != CLOB else (
            self.expr(node.text))  # fmt: skip
        binds = [self.expr(item) for item in node.using]
        codes = ", ".join(self.settled(item) for item in binds)
        types = self.register([item.type for item in binds])
        result = self.new("_dynamic")
        self.emit(f"{result} = S.execute_immediate({self.settled(text)}, [{codes}], {types}, "
                  f"{bool(node.targets)})")  # fmt: skip
        if node.targets:
            targets = [self.lvalue(item, "INTO") for item in node.targets]
            types = self.register([target.type for target in targets])
            row = self.new("_row")
            self.emit(f"{row} = S.dynamic_row({result}, {types})")
            for place, target in enumerate(targets):
                self.store(target, plain(f"{row}[{place}]", target.type), node)

    def expr_type(self, node: Any) -> Any:
        return self._type_only(node).type

    def lvalue(self, node: Any, what: str) -> Any:
        raise NotImplementedError

    def store(self, lvalue: Any, e: E, node: Any) -> None:
        raise NotImplementedError
