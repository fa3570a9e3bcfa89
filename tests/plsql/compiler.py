"""Statements, declarations and packages: checked, and written as Python source.

A package becomes a function _make(S) that a session calls once: package variables are its local
variables, subprograms are closures in it. Two sessions therefore share no state.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from plsql import syntax as s
from plsql.expressions import E, Function, spread
from plsql.queries import Queries, shown
from plsql.types import (
    PLS,
    VARCHAR,
    CursorType,
    Exc,
    Param,
    RecordField,
    RecordType,
    Scalar,
    Scope,
    Sub,
    TableType,
    Var,
    initial,
)  # fmt: skip
from plsql.values import PLS_MAX, PLS_MIN, CheckRefused


@dataclass(eq=False)
class Unit:
    """A compiled package, body or anonymous block."""

    owner: str
    name: str
    scope: Scope
    stateful: bool = False
    source: str = ""
    constants: dict[str, Any] | None = None
    uses: tuple[Any, ...] = ()
    tables: tuple[Any, ...] = ()

    def __str__(self) -> str:
        return f"{self.owner}.{self.name}"


@dataclass
class Target:
    """What an assignment writes to: load gives its expression, the rest says where it lies."""

    kind: str  # name, element, field
    type: Any
    e: E
    var: Var | None = None
    container: E | None = None
    index: E | None = None
    place: int = 0

    def load(self) -> E:
        return self.e


class Compiler(Queries):
    """Compiles one unit for the owner of a schema."""

    def __init__(self, catalog: Any, owner: str, unit: Any = None) -> None:
        super().__init__()
        self.catalog = catalog
        self.owner = owner
        self.unit = unit
        self.scope = Scope(None)
        self.fn = Function("_make", None)
        self.stateful = False

    def package_of(self, parts: tuple[str, ...]) -> Any:
        if self.unit is not None and parts == (self.unit.name,):
            return None
        return self.catalog.package_unit(self.owner, parts, roles=self.unit is None)

    # Declarations

    def declare(self, name: str, entity: Any, node: Any) -> None:
        if name in self.scope.names:
            raise self.refuse(f"PLS-00371: {name} is declared twice in this scope", node)
        self.scope.names[name] = entity

    def declare_all(self, nodes: tuple[Any, ...], public: bool = False) -> None:
        """Declarations of a block, in their order."""
        seen_body = False
        for node in nodes:
            if isinstance(node, s.Subprogram):
                sub = self.declare_subprogram(node, public)
                if node.body is not None:
                    # At once: what is declared further down is not known in it.
                    seen_body = True
                    self.write_subprogram(sub, node)
                continue
            if seen_body and isinstance(node, (s.Variable, s.RecordType, s.CollectionType)):
                raise self.refuse("PLS-00103: declarations come before subprograms", node)
            self._declare(node)
        for entity in self.scope.names.values():
            for sub in entity if isinstance(entity, list) else ():
                if not sub.defined and not public:
                    raise self.refuse(
                        f"PLS-00323: {sub.name} is declared and not defined", sub.node
                    )

    def _declare(self, node: Any) -> None:
        if isinstance(node, s.Variable):
            self._variable(node)
        elif isinstance(node, s.ExceptionDeclaration):
            self.declare(node.name, Exc(node.name), node)
        elif isinstance(node, s.Pragma):
            self._pragma(node)
        elif isinstance(node, s.RecordType):
            self.declare(node.name, self._record(node), node)
        elif isinstance(node, s.CollectionType):
            self._collection(node)
        else:
            raise self.refuse(f"{type(node).__name__} cannot be declared", node)

    def _record(self, node: s.RecordType) -> RecordType:
        fields: list[RecordField] = []
        for item in node.fields:
            if any(item.name == other.name for other in fields):
                raise self.refuse(f"PLS-00410: field {item.name} is declared twice", item)
            type_ = self.sized_needed(self.type_of(item.type), item.type, item.name)
            default = None
            if item.default is not None:
                e = self.value(item.default, type_, item.name)
                if not isinstance(item.default, (s.Literal, s.Unary)):
                    raise self.refuse(f"default of field {item.name}: only a literal", item)
                default = eval(e.slow, {**self.constants, **runtime_names()})
            fields.append(RecordField(item.name, type_, default))
        return RecordType(node.name, tuple(fields))

    def _collection(self, node: s.CollectionType) -> None:
        element = self.sized_needed(self.type_of(node.element), node.element, node.name)
        key = None
        if node.index is not None:
            key = self.type_of(node.index)
            if not (key == PLS or (isinstance(key, Scalar) and key.kind == "VARCHAR" and key.size)):
                raise self.refuse(f"INDEX BY {key} is outside the subset", node)
        type_ = TableType(node.name, element, node.limit, key, self.owner)
        self.declare(node.name, type_, node)

    def _pragma(self, node: s.Pragma) -> None:
        if node.name == "UDF":
            if node.arguments:
                raise self.refuse("PRAGMA UDF takes no arguments", node)
            if self.fn.sub is None or self.fn.sub.returns is None or self.scope.label is None:
                raise self.refuse("PRAGMA UDF belongs into the declarations of a function", node)
            return
        if node.name == "INLINE":
            return
        if node.name != "EXCEPTION_INIT" or len(node.arguments) != 2:
            raise self.refuse(f"PRAGMA {node.name} is outside the subset", node)
        name, code = node.arguments
        entity = self.scope.names.get(name.parts[0]) if isinstance(name, s.Name) else None
        if not isinstance(entity, Exc):
            raise self.refuse("PLS-00700: EXCEPTION_INIT of an exception of the same block", node)
        number = self.expr(code).constant
        if not isinstance(number, int) or (number >= 0 and number != 100) or number == -1403:
            raise self.refuse("PLS-00701: a negative error number is needed", node)
        entity.code = number

    def _variable(self, node: s.Variable) -> None:
        type_ = self.sized_needed(self.type_of(node.type), node.type, node.name)
        if self.fn.parent is None and isinstance(type_, CursorType):
            raise self.refuse("PLS-00994: a cursor variable as package state", node)
        e = None
        if node.default is not None:
            e = self.value(node.default, type_, node.name)
        var = Var(node.name, type_, self.new(_python(node.name)), self.fn, node.constant,
                  unit=self.unit if self.fn.parent is None else None)  # fmt: skip
        if node.constant and e is not None and e.nonnull:
            var.nonnull, var.low, var.high = True, e.low, e.high
        if node.not_null:
            var.type = type_
            var.nonnull = True
        self.declare(node.name, var, node)
        if self.fn.parent is None and not node.constant:
            self.stateful = True
        self.initialize(var, e)

    def initialize(self, var: Var, e: E | None) -> None:
        """Write the first value of a variable."""
        if e is None:
            first = initial(var.type)
            if first is None:
                self.emit(f"{var.py} = None")
            else:
                self.emit(f"{var.py} = _initial({self.register(var.type, '_type')})")
            return
        if var.nonnull and not e.nonnull:
            e = E(f"_notnull({e.fast})", f"_notnull({e.slow})", e.type)
        self.into(var.py, self.owned(e))

    def owned(self, e: E) -> E:
        """e, copied where it is a collection or record that something else holds."""
        if not getattr(e.type, "is_composite", False) or e.fresh:
            return e
        return E(f"_copied({e.fast})", f"_copied({e.slow})", e.type, nonnull=e.nonnull, fresh=True)

    # Subprograms

    def declare_subprogram(self, node: s.Subprogram, public: bool) -> Sub:
        sub = self._signature(node, public)
        known = self.scope.names.get(node.name)
        outer = self.scope.parent
        if known is None and self.fn.parent is None and outer is not None and node.body is not None:
            known = self._of_specification(outer, node.name)
            if known is not None:
                self.scope.names[node.name] = known
        if known is None:
            self.scope.names[node.name] = [sub]
            return self._defined(sub, node)
        if not isinstance(known, list):
            raise self.refuse(f"PLS-00371: {node.name} is declared twice in this scope", node)
        for other in known:
            if other.same_signature(sub):
                if node.body is None or other.defined:
                    raise self.refuse(f"PLS-00371: {node.name} is declared twice", node)
                self._same_header(other, sub, node)
                return self._defined(other, node)
        if node.body is not None and any(
            other.public and not other.defined and _resembles(other, sub) for other in known
        ):
            raise self.refuse(
                f"PLS-00323: {node.name} differs from its declaration in the specification", node
            )
        for other in known:
            if _types(other) == _types(sub) and (other.returns is None) == (sub.returns is None):
                raise self.refuse(f"PLS-00305: {node.name} repeats a declaration", node)
        known.append(sub)
        return self._defined(sub, node)

    @staticmethod
    def _of_specification(outer: Scope, name: str) -> Any:
        known = outer.names.get(name)
        return known if isinstance(known, list) else None

    @staticmethod
    def _defined(sub: Sub, node: s.Subprogram) -> Sub:
        sub.defined = sub.defined or node.body is not None
        return sub

    def _same_header(self, declared: Sub, defined: Sub, node: s.Subprogram) -> None:
        """Options and defaults of a body's header must be those of the declaration."""
        for word in ("PIPELINED", "DETERMINISTIC"):
            if (word in declared.options) != (word in defined.options):
                raise self.refuse(f"PLS-00712: {word} of {node.name} differs from its declaration",
                                  node)  # fmt: skip
        parallel = [sorted(o for o in sub.options if o.startswith("PARALLEL"))
                    for sub in (declared, defined)]  # fmt: skip
        if parallel[0] != parallel[1]:
            raise self.refuse(f"PARALLEL_ENABLE of {node.name} differs from its declaration", node)
        for one, two in zip(declared.params, defined.params, strict=True):
            if (one.default is None) != (two.default is None) or (
                one.default is not None and shown(one.default) != shown(two.default)
            ):
                raise self.refuse(
                    f"PLS-00593: default of {one.name} in {node.name} differs from its declaration",
                    node,
                )

    def _signature(self, node: s.Subprogram, public: bool) -> Sub:
        params: list[Param] = []
        for item in node.parameters:
            if any(item.name == other.name for other in params):
                raise self.refuse(f"PLS-00410: parameter {item.name} is declared twice", item)
            type_ = self.type_of(item.type)
            if type_.not_null and item.mode == "OUT":
                raise self.refuse(f"OUT parameter {item.name} of a NOT NULL type", item)
            params.append(
                Param(
                    item.name,
                    item.mode,
                    item.nocopy,
                    type_,
                    item.default,
                    _python(item.name) + "_p",
                )
            )
        returns = None if node.returns is None else self.type_of(node.returns)
        if "PIPELINED" in node.options and not (
            isinstance(returns, TableType) and returns.key is None
        ):
            raise self.refuse(f"PLS-00630: pipelined {node.name} must return a collection", node)
        if returns is not None and "PIPELINED" in node.options:
            self._sql_row(returns.element, node)
        for option in node.options:
            if option.startswith("PARALLEL_ENABLE "):
                cursor = next((p for p in params if p.name == option.split()[1]), None)
                if cursor is None or not isinstance(cursor.type, CursorType):
                    raise self.refuse(f"{option.split()[1]} is no REF CURSOR parameter", node)
        py = self.new(_python(node.name))
        unit = self.unit if self.fn.parent is None else None
        return Sub(node.name, tuple(params), returns, node.options, py, unit, node, public=public)

    def _sql_row(self, element: Any, node: Any) -> None:
        """Refuse rows that SQL has no datatypes for."""
        is_record = isinstance(element, RecordType)
        columns = [item.type for item in element.fields] if is_record else [element]
        for type_ in columns:
            kind = type_.kind
            too_long = {"VARCHAR": 4000, "RAW": 2000}.get(kind, 0) < (
                getattr(type_, "size", 0) or 0
            )
            if kind in ("PLS", "BOOLEAN", "RECORD", "CURSOR") or (
                too_long and kind in ("VARCHAR", "RAW")
            ):
                raise self.refuse(f"PLS-00630: rows of {node.name} have a {type_} column", node)

    def write_subprogram(self, sub: Sub, node: s.Subprogram) -> None:
        """Write the Python function of a subprogram."""
        assert node.body is not None
        outer_fn, outer_scope = self.fn, self.scope
        self.fn = Function(sub.py, outer_fn, sub.returns)
        self.fn.sub = sub
        self.fn.depth = outer_fn.depth + 1
        self.scope = Scope(outer_scope, label=sub.name)
        self._parameters(sub)
        self.block_inside(node.body)
        if sub.is_pipelined:
            if not self.fn.has_pipe:
                raise self.refuse(f"pipelined {sub.name} has no PIPE ROW", node)
        elif sub.returns is not None:
            if not self.fn.returned and not isinstance(node.body.statements[-1], s.Raise):
                raise self.refuse(f"PLS-00503: function {sub.name} has no RETURN", node)
            self.emit("_fail(-6503)")
        elif sub.outs:
            self.emit(f"return {self._out_values(sub)}")
        inner, self.fn, self.scope = self.fn, outer_fn, outer_scope
        self._insert(inner, f"def {sub.py}({self._python_parameters(sub)}):")

    def _insert(self, inner: Function, header: str) -> None:
        """Put a finished function into the one around it."""
        self.emit(header)
        if inner.nonlocals:
            # Python finds the function that has the variable by itself, however far out.
            self.emit(f"    nonlocal {', '.join(sorted(inner.nonlocals))}")
        self.fn.lines.extend(inner.lines or ["    " * inner.depth + "pass"])

    @staticmethod
    def _python_parameters(sub: Sub) -> str:
        items = []
        defaulted = False
        for param in sub.params:
            if param.mode == "OUT":
                continue
            defaulted = defaulted or param.default is not None
            items.append(f"{param.py}=_absent" if defaulted else param.py)
        return ", ".join(items)

    def _parameters(self, sub: Sub) -> None:
        for param in sub.params:
            # Python's parameter is the variable itself.
            var = Var(param.name, param.type, param.py, self.fn, constant=param.mode == "IN",
                      nonnull=getattr(param.type, "not_null", False),
                      low=getattr(param.type, "low", None), nocopy=param.nocopy,
                      why_constant="an IN parameter")  # fmt: skip
            if param.mode == "OUT":
                self.initialize(var, None)
            elif param.default is not None:
                self.emit(f"if {param.py} is _absent:")
                self.fn.depth += 1
                scope, self.scope = self.scope, self.scope.parent  # type: ignore[assignment]
                self.into(param.py, self.value(param.default, param.type, param.name))
                self.scope = scope
                self.fn.depth -= 1
            if var.nonnull and param.mode != "OUT" and param.type.low is None:
                self.emit(f"{param.py} = _notnull({param.py})")
            self.declare(param.name, var, sub.node)

    @staticmethod
    def _out_values(sub: Sub, value: str | None = None) -> str:
        names = ([value] if value is not None else []) + [param.py for param in sub.outs]
        return names[0] if len(names) == 1 else f"({', '.join(names)})"

    # Blocks

    def block_inside(self, node: s.Block) -> None:
        """A block whose scope is made already."""
        self.declare_all(node.declarations)
        if not node.handlers:
            self.statements(node.statements)
            return
        self.emit("try:")
        self._indented(node.statements)
        name = self.new("_e")
        self.emit(f"except _PlsqlError as {name}_:")
        self.fn.depth += 1
        # Python forgets the name of an exception at the end of its handler.
        self.emit(f"{name} = {name}_")
        self.fn.handlers.append(name)
        self._handlers(node.handlers, name)
        self.fn.handlers.pop()
        self.fn.depth -= 1

    def _indented(self, statements: tuple[Any, ...]) -> None:
        self.fn.depth += 1
        self.statements(statements)
        self.fn.depth -= 1

    def _handlers(self, handlers: tuple[s.Handler, ...], name: str) -> None:
        word = "if"
        seen: list[Any] = []
        for place, handler in enumerate(handlers):
            if any(item.parts == ("OTHERS",) for item in handler.names):
                if place != len(handlers) - 1 or len(handler.names) != 1:
                    raise self.refuse("PLS-00370: OTHERS is the last handler and alone", handler)
                if word == "if":
                    self.statements(handler.statements)
                else:
                    self.emit("else:")
                    self._indented(handler.statements)
                return
            tests = []
            for item in handler.names:
                entity = self.exception(item)
                if entity in seen:
                    raise self.refuse(f"PLS-00483: {item} is handled twice", handler)
                seen.append(entity)
                tests.append(self._matches(name, entity))
            self.emit(f"{word} {' or '.join(tests)}:")
            self._indented(handler.statements)
            word = "elif"
        self.emit("else:")
        self.emit("    raise")

    def _matches(self, name: str, entity: Exc) -> str:
        if entity.code is not None:
            return f"{name}.code == {entity.code}"
        return f"{name}.identity is {self.register(entity, '_exception')}"

    def exception(self, node: s.Name) -> Exc:
        kind, entity, rest = self.resolve(node.parts, node)
        if kind != "exception" or rest:
            raise self.refuse(f"PLS-00201: exception {node} must be declared", node)
        return entity  # type: ignore[no-any-return]

    def handled(self, node: Any, what: str) -> str:
        """The exception being handled, for SQLERRM and RAISE."""
        if not self.fn.handlers:
            raise self.refuse(f"{what} outside of an exception handler", node)
        return self.fn.handlers[-1]

    # Statements

    def statements(self, nodes: tuple[Any, ...]) -> None:
        for place, node in enumerate(nodes):
            getattr(self, f"s_{type(node).__name__.lower()}", self._unknown)(node)
            if isinstance(node, (s.Return, s.Raise)) and place < len(nodes) - 1:
                raise self.refuse("PLW-06002: unreachable code", nodes[place + 1])

    def _unknown(self, node: Any) -> None:
        raise self.refuse(f"statement {type(node).__name__} is outside the subset", node)

    def s_nullstatement(self, node: s.NullStatement) -> None:
        self.emit("pass")

    def s_block(self, node: s.Block) -> None:
        outer = self.scope
        self.scope = Scope(outer)
        if self.fn.parent is None and any(isinstance(d, s.Subprogram) for d in node.declarations):
            raise self.refuse("subprograms in the initialization of a package", node)
        self.block_inside(node)
        self.scope = outer

    def s_assign(self, node: s.Assign) -> None:
        target = self.lvalue(node.target, "PLS-00363: target of an assignment")
        e = self.value(node.value, target.type, "value")
        self.store(target, e, node)

    def lvalue(self, node: Any, what: str) -> Target:
        """A place that can be assigned to."""
        if isinstance(node, s.Bind):
            return self.bind_target(node)
        if isinstance(node, s.Name):
            kind, entity, rest = self.resolve(node.parts, node)
            if kind != "variable":
                raise self.refuse(f"{what}: {node} is no variable", node)
            self._assignable(entity, node, what)
            target = Target("name", entity.type, self.load(entity, node), var=entity)
            for part in rest:
                target = self._field_target(target, part, node)
            return target
        if isinstance(node, s.Field):
            return self._field_target(self.lvalue(node.target, what), node.name, node)
        if isinstance(node, s.Call):
            return self._element_target(self.lvalue(node.target, what), node)
        raise self.refuse(f"{what}: an expression cannot be assigned to", node)

    def bind_target(self, node: s.Bind) -> Target:
        raise self.refuse(f"bind :{node.name} in a stored unit", node)

    def _assignable(self, entity: Any, node: Any, what: str) -> None:
        if entity.constant:
            raise self.refuse(f"{what}: {entity.name} is {entity.why_constant}", node)
        if entity.unit is not None and entity.unit is not self.unit:
            raise self.refuse(f"variable {entity.name} of another package: give it a setter", node)

    def _field_target(self, target: Target, part: str, node: Any) -> Target:
        if not isinstance(target.type, RecordType):
            raise self.refuse(f"PLS-00487: {part} of a {target.type}", node)
        place = target.type.place(part)
        if place is None:
            raise self.refuse(f"PLS-00302: field {part} must be declared", node)
        e = self.member(target.e, part, (), node)
        container = target.e
        if target.kind == "element" and target.container is not None:
            key = getattr(target.container.type, "key", None)
            if key is not None:
                # Assigning to a field makes the element of an associative array.
                assert target.index is not None
                slow = f"_record_at({target.container.slow}, {target.index.slow})"
                container = E(container.fast, slow, container.type)
        return Target("field", target.type.fields[place].type, e, container=container, place=place)

    def _element_target(self, target: Target, node: s.Call) -> Target:
        if not isinstance(target.type, TableType):
            raise self.refuse(f"PLS-00224: a {target.type} has no subscript", node)
        if len(node.arguments) != 1 or node.arguments[0].name:
            raise self.refuse("PLS-00316: one subscript is needed", node)
        index = self.settle(self.subscript(node.arguments[0].value, target.type))
        e = self._indexed(target.e, index)
        return Target("element", target.type.element, e, container=target.e, index=index)

    def _indexed(self, e: E, index: E) -> E:
        slow = f"_get({e.slow}, {index.slow})"
        if e.type.key is not None:
            return E(f"{e.fast}.d[{index.fast}]", slow, e.type.element)
        return E(self.place_code(e.fast, index), slow, e.type.element)

    def store(self, lvalue: Target, e: E, node: Any) -> None:
        """Write lvalue := e, e converted already or of a parameter's type."""
        e = self.owned(self.convert(e, lvalue.type, node))
        if lvalue.kind == "name":
            self._store_name(lvalue, e)
        elif lvalue.kind == "bind":
            self.emit(f"{lvalue.e.fast} = {self.settled(e)}")
        elif lvalue.kind == "field":
            assert lvalue.container is not None
            place = f".f[{lvalue.place}]"
            self.attempt(f"{lvalue.container.fast}{place} = {e.fast}",
                         f"{lvalue.container.slow}{place} = {e.slow}")  # fmt: skip
        else:
            self._store_element(lvalue, e)

    def _store_name(self, lvalue: Target, e: E) -> None:
        var = lvalue.var
        assert var is not None
        if var.function is not self.fn:
            self.fn.nonlocals.add(var.py)
        if var.nonnull and not e.nonnull:
            e = E(f"_notnull({e.fast})", f"_notnull({e.slow})", e.type)
        if var.nocopy and getattr(var.type, "is_composite", False):
            self.emit(f"{var.py} = _taken_over({var.py}, {self.settled(e)})")
            return
        self.into(var.py, e)

    def _store_element(self, lvalue: Target, e: E) -> None:
        container, index = lvalue.container, lvalue.index
        assert container is not None and index is not None
        slow = f"_put({container.slow}, {index.slow}, {e.slow})"
        if container.type.key is not None:
            if index.nonnull:
                self.attempt(f"{container.fast}.d[{index.fast}] = {e.fast}", slow)
            else:
                self.emit(slow.replace(e.slow, self.settled(e)) if not e.is_plain else slow)
            return
        if index.low is not None and index.low >= 1:
            self.attempt(f"{container.fast}.a[{index.fast} - 1] = {e.fast}", slow)
            return
        name = self.new("_i")
        place = f"{name} if ({name} := {index.fast} - 1) >= 0 else _null()"
        self.attempt(f"{container.fast}.a[{place}] = {e.fast}", slow)

    def condition(self, node: Any) -> str:
        """Code that is true where the condition is TRUE."""
        return self.settled(self.boolean(node))

    def s_if(self, node: s.If) -> None:
        self._choose([(lambda c=c: self.condition(c), body) for c, body in node.branches],
                     node.otherwise)  # fmt: skip

    def _choose(self, branches: list[Any], otherwise: Any) -> None:
        depth = self.fn.depth
        for place, (test, body) in enumerate(branches):
            code, lines = self.captured(test)
            word = "if"
            if place and not lines:
                word = "elif"
            elif place:
                self.emit("else:")
                self.fn.depth += 1
                self.put_lines(lines, 1)
            else:
                self.put_lines(lines)
            self.emit(f"{word} {code}:")
            self._indented(body)
        if otherwise is not None:
            self.emit("else:")
            self._indented(otherwise)
        self.fn.depth = depth

    def s_casestatement(self, node: s.CaseStatement) -> None:
        selector = None if node.selector is None else self.settle(self.expr(node.selector))
        branches = [
            (lambda c=c: self.settled(self._when(selector, c, node)), body)
            for c, body in node.branches
        ]
        otherwise = node.otherwise
        if otherwise is None:
            otherwise = (s.Raise(node.line, s.Name(node.line, ("CASE_NOT_FOUND",))),)
        self._choose(branches, otherwise)

    def _loop_bound(self, node: Any) -> E:
        e = self.value(node, PLS, "bound of a loop")
        if e.nonnull:
            return e
        return E(
            f"_bound({e.fast})", f"_bound({e.slow})", PLS, nonnull=True, low=e.low, high=e.high
        )

    def s_forrange(self, node: s.ForRange) -> None:
        low, high = self._loop_bound(node.low), self._loop_bound(node.high)
        first, last = self.settled(low), self.settled(high)
        var = Var(node.name, PLS, self.new(_python(node.name)), self.fn, True, True,
                  low.low if low.low is not None else PLS_MIN,
                  high.high if high.high is not None else PLS_MAX,
                  why_constant="a loop variable")  # fmt: skip
        counts = not _has_leave(node.statements)
        if counts:
            # One addition a loop instead of one an iteration.
            first_name, last_name = self.new("_lo"), self.new("_hi")
            self.emit(f"{first_name} = {first}; {last_name} = {last}")
            self.emit(f"if {last_name} >= {first_name}: "
                      f"_counts[0] += {last_name} - {first_name} + 1")  # fmt: skip
            first, last = first_name, last_name
        span = f"range({last}, {first} - 1, -1)" if node.reverse else f"range({first}, {last} + 1)"
        self.emit(f"for {var.py} in {span}:")
        self._loop_body(node, var, counts)

    def _loop_body(self, node: Any, var: Var | None, counted: bool) -> None:
        outer = self.scope
        self.scope = Scope(outer)
        if var is not None:
            self.scope.names[var.name] = var
        self.fn.depth += 1
        if not counted:
            self.emit("_counts[0] += 1")
        self.fn.loops += 1
        self.statements(node.statements)
        self.fn.loops -= 1
        self.fn.depth -= 1
        self.scope = outer

    def s_loop(self, node: s.Loop) -> None:
        if node.condition is None and not _has_leave(node.statements):
            raise self.refuse("a loop without EXIT or RETURN", node)
        code, lines = ("True", []) if node.condition is None else self.captured(
            lambda: self.condition(node.condition))  # fmt: skip
        if not lines:
            self.emit(f"while {code}:")
        else:
            self.emit("while True:")
            self.put_lines(lines, 1)
            self.emit(f"    if not {code}: break")
        self._loop_body(node, None, False)

    def s_leave(self, node: s.Leave) -> None:
        if not self.fn.loops:
            raise self.refuse(f"PLS-00376: {node.kind} outside of a loop", node)
        word = "break" if node.kind == "EXIT" else "continue"
        if node.condition is None:
            self.emit(word)
            return
        self.emit(f"if {self.condition(node.condition)}: {word}")

    def s_return(self, node: s.Return) -> None:
        sub = self.fn.sub
        if sub is None:
            if node.value is not None or (self.fn.parent is None and self.unit is not None):
                raise self.refuse("RETURN with a value outside of a function", node)
            self.emit("return")
            return
        if sub.returns is None or sub.is_pipelined:
            if node.value is not None:
                raise self.refuse(f"PLS-00372: RETURN of {sub.name} takes no value", node)
            self.emit("return" if sub.is_pipelined or not sub.outs
                      else f"return {self._out_values(sub)}")  # fmt: skip
            return
        if node.value is None:
            raise self.refuse(f"PLS-00503: RETURN of {sub.name} needs a value", node)
        self.fn.returned = True
        e = self.value(node.value, sub.returns, "returned value")
        if not (isinstance(node.value, s.Name) and self._is_own_local(node.value)):
            e = self.owned(e)
        if sub.outs:
            self.emit(f"return {self._out_values(sub, self.settled(e))}")
        else:
            self.attempt(f"return {e.fast}", f"return {e.slow}")

    def _is_own_local(self, node: s.Name) -> bool:
        """Whether a returned variable dies with the call, so that no copy is needed."""
        entity = self.scope.find(node.parts[0])
        return (
            len(node.parts) == 1
            and isinstance(entity, Var)
            and entity.function is self.fn
            and not entity.constant
            and not entity.nocopy
        )

    def s_raise(self, node: s.Raise) -> None:
        if node.name is None:
            self.emit(f"raise {self.handled(node, 'RAISE without a name')}")
            return
        entity = self.exception(node.name)
        self.emit(f"_raise({self.register(entity, '_exception')})")

    def s_piperow(self, node: s.PipeRow) -> None:
        sub = self.fn.sub
        if sub is None or not sub.is_pipelined:
            raise self.refuse("PLS-00629: PIPE ROW outside of a pipelined function", node)
        self.fn.has_pipe = True
        e = self.owned(self.value(node.value, sub.returns.element, "row"))
        self.emit(f"yield {self.settled(e)}")

    def s_callstatement(self, node: s.CallStatement) -> None:
        call = node.call
        target, arguments = (
            (call.target, call.arguments) if isinstance(call, s.Call) else (call, ())
        )
        arguments = spread(arguments)
        if isinstance(target, s.Name):
            if target.parts[-1] == "RAISE_APPLICATION_ERROR" and not self.scope.find(
                target.parts[-1]
            ):
                self._application_error(arguments, node)
                return
            if len(target.parts) > 1 and target.parts[-1] in ("EXTEND", "TRIM", "DELETE"):
                owner = s.Name(target.line, target.parts[:-1])
                if self._is_variable(owner):
                    self._method_statement(owner, target.parts[-1], arguments, node)
                    return
            kind, entity, rest = self.resolve(target.parts, node)
            if kind != "subprogram" or rest:
                raise self.refuse(f"PLS-00221: {target} is no procedure", node)
            sub, bound = self._overload(entity, arguments, node, wants_value=False)
            self.write_call(sub, bound, node, None)
            return
        if isinstance(target, s.Field):
            self._method_statement(target.target, target.name, arguments, node)
            return
        raise self.refuse("PLS-00221: this is no procedure", node)

    def _is_variable(self, name: s.Name) -> bool:
        try:
            return self.resolve(name.parts, name)[0] == "variable"
        except CheckRefused:
            return False

    def _application_error(self, arguments: tuple[s.Argument, ...], node: Any) -> None:
        if not 2 <= len(arguments) <= 3 or any(argument.name for argument in arguments):
            raise self.refuse("PLS-00306: RAISE_APPLICATION_ERROR(number, text)", node)
        code = self.value(arguments[0].value, PLS)
        if isinstance(code.constant, int) and not -20999 <= code.constant <= -20000:
            raise self.refuse("ORA-21000: error number argument out of range", node)
        text = self.value(arguments[1].value, VARCHAR)
        self.emit(f"_application_error({self.settled(code)}, {self.settled(text)})")

    def _method_statement(
        self, owner: Any, name: str, arguments: tuple[s.Argument, ...], node: Any
    ) -> None:
        target = self.lvalue(owner, f"PLS-00363: {name}")
        if not isinstance(target.type, TableType):
            raise self.refuse(f"PLS-00302: {name} of a {target.type}", node)
        keyed = target.type.key is not None
        limits = {"EXTEND": (0, 2), "TRIM": (0, 1), "DELETE": (0, 2 if keyed else 0)}
        if name not in limits or (keyed and name != "DELETE"):
            raise self.refuse(f"PLS-00306: method {name} of {target.type} as a statement", node)
        if not limits[name][0] <= len(arguments) <= limits[name][1]:
            raise self.refuse(f"PLS-00306: {name} with {len(arguments)} arguments", node)
        keys = [self.subscript(a.value, target.type) for a in arguments]
        codes = ", ".join(self.settled(key) for key in keys)
        method = "extend_with" if name == "EXTEND" and len(keys) == 2 else name.lower()
        self.emit(f"_initialized({target.e.slow}).{method}({codes})")


def _has_leave(nodes: tuple[Any, ...]) -> bool:
    """Whether the statements can leave the loop around them before its end."""
    for node in nodes:
        if isinstance(node, (s.Leave, s.Return)):
            return True
        for body in _bodies(node):
            if _has_leave(body):
                return True
    return False


def _bodies(node: Any) -> list[tuple[Any, ...]]:
    if isinstance(node, (s.If, s.CaseStatement)):
        return [body for _, body in node.branches] + ([node.otherwise] if node.otherwise else [])
    if isinstance(node, s.Block):
        return [node.statements, *(handler.statements for handler in node.handlers)]
    if isinstance(node, (s.ForRange, s.ForQuery, s.Loop)):
        return [node.statements]
    return []


def _resembles(declared: Sub, defined: Sub) -> bool:
    """Whether a definition was meant to be that of a declaration."""
    same_names = [p.name for p in declared.params] == [p.name for p in defined.params]
    return same_names or _types(declared) == _types(defined)


def _types(sub: Sub) -> Any:
    return [(p.type.kind if isinstance(p.type, Scalar) else id(p.type)) for p in sub.params]


def _python(name: str) -> str:
    """A Python identifier that shows a PL/SQL name."""
    shown = "".join(c if c.isalnum() and c.isascii() else "_" for c in name.lower())
    return f"v_{shown}"


def runtime_names() -> dict[str, Any]:
    from plsql.runtime import NAMES

    return NAMES
