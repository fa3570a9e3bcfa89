"""A strict parser of the subset: text -> syntax tree, everything else refused with its line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from plsql import syntax as s
from plsql.lexer import Token, tokenize
from plsql.values import SyntaxRefused

# PL/SQL Language Reference 19c, table D-1.
RESERVED = frozenset((
    "ALL", "ALTER", "AND", "ANY", "AS", "ASC", "AT", "BEGIN", "BETWEEN", "BY", "CASE", "CHECK",
    "CLUSTER", "CLUSTERS", "COLAUTH", "COLUMNS", "COMPRESS", "CONNECT", "CRASH", "CREATE",
    "CURSOR", "DECLARE", "DEFAULT", "DESC", "DISTINCT", "DROP", "ELSE", "END", "EXCEPTION",
    "EXCLUSIVE", "FETCH", "FOR", "FROM", "FUNCTION", "GOTO", "GRANT", "GROUP", "HAVING",
    "IDENTIFIED", "IF", "IN", "INDEX", "INDEXES", "INSERT", "INTERSECT", "INTO", "IS", "LIKE",
    "LOCK", "MINUS", "MODE", "NOCOMPRESS", "NOT", "NOWAIT", "NULL", "OF", "ON", "OPTION", "OR",
    "ORDER", "OVERLAPS", "PROCEDURE", "PUBLIC", "RESOURCE", "REVOKE", "SELECT", "SHARE", "SIZE",
    "SQL", "START", "SUBTYPE", "TABAUTH", "TABLE", "THEN", "TO", "TYPE", "UNION", "UNIQUE",
    "UPDATE", "VALUES", "VIEW", "VIEWS", "WHEN", "WHERE", "WITH",
))  # fmt: skip
# SQL Language Reference 19c, appendix E, those that are not in RESERVED.
SQL_RESERVED = RESERVED | frozenset((
    "ACCESS", "ADD", "AUDIT", "CHAR", "COLUMN", "COMMENT", "CURRENT", "DATE", "DECIMAL",
    "DELETE", "EXISTS", "FILE", "FLOAT", "IMMEDIATE", "INCREMENT", "INITIAL", "INTEGER",
    "LEVEL", "LONG", "MAXEXTENTS", "MLSLABEL", "MODIFY", "NOAUDIT", "NUMBER", "OFFLINE",
    "ONLINE", "PCTFREE", "PRIOR", "RAW", "RENAME", "ROW", "ROWID", "ROWNUM", "ROWS", "SESSION",
    "SET", "SMALLINT", "SUCCESSFUL", "SYNONYM", "SYSDATE", "THEN", "TRIGGER", "UID", "USER",
    "VALIDATE", "VARCHAR", "VARCHAR2", "WHENEVER",
))  # fmt: skip
_COMPARISONS = {"=": "=", "<>": "<>", "!=": "<>", "<": "<", ">": ">", "<=": "<=", ">=": ">="}
_AFTER_OPERANDS = frozenset((*_COMPARISONS, "IS", "NOT", "BETWEEN", "IN", "LIKE"))
_PRIVILEGES = frozenset((
    "EXECUTE", "SELECT", "INSERT", "UPDATE", "DELETE", "READ", "ALL",
))  # fmt: skip


class Parser:
    """Reads tokens from left to right; every method takes what its name says."""

    def __init__(self, text: str, first_line: int = 1, identifier_bytes: int = 128) -> None:
        self.text = text
        self.tokens = tokenize(text, first_line, identifier_bytes)
        # Of each token the keyword or operator that it may be: most questions are about that.
        self.words = tuple(
            token.value if token.kind in ("id", "op") else None for token in self.tokens
        )
        self.place = 0

    # Tokens

    @property
    def token(self) -> Token:
        return self.tokens[self.place]

    @property
    def line(self) -> int:
        return self.tokens[self.place].line

    def peek(self, ahead: int = 1) -> Token:
        return self.tokens[min(self.place + ahead, len(self.tokens) - 1)]

    def refuse(self, expected: str) -> SyntaxRefused:
        found = "end of text" if self.token.kind == "end" else repr(self.token.value)
        return SyntaxRefused(f"PLS-00103: found {found} where {expected} is expected", self.line)

    def at(self, *words: str) -> bool:
        """Whether the next tokens are these keywords or operators."""
        return self.words[self.place : self.place + len(words)] == words

    def take(self, *words: str) -> bool:
        """Take these, if they come next."""
        after = self.place + len(words)
        if self.words[self.place : after] != words:
            return False
        self.place = after
        return True

    def need(self, *words: str) -> None:
        """Take these or refuse."""
        for word in words:
            if not self.at(word):
                raise self.refuse(word)
            self.place += 1

    def advance(self) -> Token:
        token = self.token
        self.place += 1
        return token

    def identifier(self, what: str = "a name") -> str:
        token = self.token
        if token.kind == "qid":
            return str(self.advance().value)
        if token.kind != "id" or token.value in RESERVED:
            raise self.refuse(what)
        return str(self.advance().value)

    def column_name(self) -> str:
        if self.token.kind == "id" and self.token.value in SQL_RESERVED:
            raise self.refuse("a column name that is not a reserved word of SQL")
        return self.identifier("a column name")

    def integer(self) -> int:
        sign = -1 if self.take("-") else 1
        if self.token.kind != "number" or not self.token.value.isdigit():
            raise self.refuse("an integer")
        return sign * int(self.advance().value)

    def string(self) -> str:
        if self.token.kind != "string":
            raise self.refuse("a string literal")
        return str(self.advance().value)

    def name(self, what: str = "a name") -> s.Name:
        line = self.line
        parts = [self.identifier(what)]
        while self.take("."):
            parts.append(self.identifier())
        return s.Name(line, tuple(parts))

    def many(self, item: Callable[[], Any]) -> tuple[Any, ...]:
        """item, item, ..."""
        items = [item()]
        while self.take(","):
            items.append(item())
        return tuple(items)

    def in_parentheses(self, item: Callable[[], Any]) -> tuple[Any, ...]:
        self.need("(")
        items = self.many(item)
        self.need(")")
        return items

    # Expressions

    def expression(self) -> Any:
        left = self._conjunction()
        while self.words[self.place] == "OR":
            line = self.advance().line
            left = s.Binary(line, "OR", left, self._conjunction())
        return left

    def _conjunction(self) -> Any:
        left = self._negation()
        while self.words[self.place] == "AND":
            line = self.advance().line
            left = s.Binary(line, "AND", left, self._negation())
        return left

    def _negation(self) -> Any:
        if self.words[self.place] == "NOT":
            line = self.advance().line
            return s.Unary(line, "NOT", self._negation())
        return self._comparison()

    def _comparison(self) -> Any:
        left = self._sum()
        word = self.words[self.place]
        if word not in _AFTER_OPERANDS:
            return left
        line = self.line
        if word in _COMPARISONS:
            op = _COMPARISONS[self.advance().value]
            if self.at("ANY") or self.at("ALL"):
                raise self.refuse("an expression (ANY and ALL are outside the subset)")
            return s.Binary(line, op, left, self._sum())
        if self.take("IS"):
            negated = self.take("NOT")
            for what in ("NULL", "NAN", "INFINITE"):
                if self.take(what):
                    return s.Is(line, left, what, negated)
            raise self.refuse("NULL, NAN or INFINITE")
        negated = self.take("NOT")
        if self.take("BETWEEN"):
            low = self._sum()
            self.need("AND")
            return s.Between(line, left, low, self._sum(), negated)
        if self.take("IN"):
            if self.at("(", "SELECT"):
                self.need("(")
                items: tuple[Any, ...] = (s.Subquery(line, "list", self.select()),)
                self.need(")")
            else:
                items = self.in_parentheses(self.expression)
            return s.InList(line, left, items, negated)
        if self.take("LIKE"):
            pattern = self._sum()
            escape = self._sum() if self.take("ESCAPE") else None
            return s.Like(line, left, pattern, escape, negated)
        if negated:
            raise self.refuse("BETWEEN, IN or LIKE")
        return left

    def _sum(self) -> Any:
        left = self._product()
        while self.words[self.place] in ("+", "-", "||"):
            token = self.advance()
            left = s.Binary(token.line, token.value, left, self._product())
        return left

    def _product(self) -> Any:
        left = self._sign()
        while self.words[self.place] in ("*", "/"):
            token = self.advance()
            left = s.Binary(token.line, token.value, left, self._sign())
        return left

    def _sign(self) -> Any:
        if self.words[self.place] in ("-", "+"):
            token = self.advance()
            return s.Unary(token.line, token.value, self._sign())
        return self._power()

    def _power(self) -> Any:
        left = self._postfix()
        if self.words[self.place] == "**":
            token = self.advance()
            return s.Binary(token.line, "**", left, self._sign())
        return left

    def _postfix(self) -> Any:
        value = self._primary()
        while True:
            token = self.tokens[self.place]
            if token.kind != "floats" and token.value not in ("(", ".", "%"):
                return value
            line = token.line
            if token.kind == "floats":
                token = self.advance()
                value = s.Call(line, value, (s.Argument(line, None, s.Floats(line, *token.value)),))
            elif self.at("(") and isinstance(value, (s.Name, s.Call, s.Field)):
                value = s.Call(line, value, self.arguments())
            elif self.at(".") and isinstance(value, (s.Call, s.Field)):
                self.advance()
                part = self.identifier("a field or method")
                value = s.Field(line, value, part)
            elif self.at("%") and isinstance(value, (s.Name, s.Field, s.Call)):
                self.advance()
                attribute = self.identifier("a cursor attribute")
                if attribute not in ("FOUND", "NOTFOUND", "ISOPEN", "ROWCOUNT"):
                    raise SyntaxRefused(f"%{attribute} is outside the subset", line)
                value = s.Attribute(line, value, attribute)
            else:
                return value

    def arguments(self) -> tuple[s.Argument, ...]:
        self.need("(")
        if self.take(")"):
            return ()
        items = self.many(self._argument)
        self.need(")")
        seen_name = False
        for item in items:
            if item.name is None and seen_name:
                raise SyntaxRefused("PLS-00312: a positional argument after a named one", item.line)
            seen_name = seen_name or item.name is not None
        return items

    def _argument(self) -> s.Argument:
        line = self.line
        if self.token.kind in ("id", "qid") and self.peek().value == "=>":
            name = self.identifier("a parameter name")
            self.need("=>")
            return s.Argument(line, name, self.expression())
        if self.at("*"):
            self.advance()
            return s.Argument(line, None, s.Star(line))
        if self.take("DISTINCT"):
            return s.Argument(line, "DISTINCT", self.expression())
        return s.Argument(line, None, self.expression())

    def _primary(self) -> Any:
        token = self.token
        line = token.line
        if token.kind == "number":
            self.advance()
            return number_literal(token.value, line)
        if token.kind == "string":
            self.advance()
            return s.Literal(line, "string", token.value)
        if token.kind == "bind":
            self.advance()
            return s.Bind(line, token.value)
        if token.kind == "op" and token.value == "(":
            return self._parenthesis()
        if token.kind == "id":
            special = self._special(token.value, line)
            if special is not None:
                return special
        if token.kind in ("id", "qid"):
            if self.at("SQL") and self.peek().value == "%":
                self.advance()
                return s.Name(line, ("SQL",))
            return self.name("an expression")
        raise self.refuse("an expression")

    def _parenthesis(self) -> Any:
        line = self.line
        self.need("(")
        if self.at("SELECT"):
            select = self.select()
            self.need(")")
            return s.Subquery(line, "scalar", select)
        value = self.expression()
        self.need(")")
        return value

    def _special(self, word: str, line: int) -> Any:
        if word in ("TRUE", "FALSE"):
            self.advance()
            return s.Literal(line, "boolean", word == "TRUE")
        if word == "NULL":
            self.advance()
            return s.Literal(line, "null", None)
        if word == "CASE":
            return self._case()
        if word == "CAST" and self.peek().value == "(":
            self.advance()
            self.need("(")
            operand = self.expression()
            self.need("AS")
            type_name = self.type_name(sized=True)
            self.need(")")
            return s.Cast(line, operand, type_name)
        if word in ("EXISTS", "CURSOR") and self.peek().value == "(":
            self.advance()
            self.need("(")
            select = self.select()
            self.need(")")
            return s.Subquery(line, word.lower(), select)
        return None

    def _case(self) -> s.Case:
        line = self.line
        self.need("CASE")
        selector = None if self.at("WHEN") else self.expression()
        branches = []
        while self.take("WHEN"):
            condition = self.expression()
            self.need("THEN")
            branches.append((condition, self.expression()))
        if not branches:
            raise self.refuse("WHEN")
        otherwise = self.expression() if self.take("ELSE") else None
        self.need("END")
        return s.Case(line, selector, tuple(branches), otherwise)

    # Types and declarations

    def type_name(self, sized: bool) -> s.TypeName:
        line = self.line
        first = self.identifier("a type")
        if first == "DOUBLE":
            raise SyntaxRefused("DOUBLE PRECISION is outside the subset: BINARY_DOUBLE", line)
        parts = [first]
        while self.take("."):
            parts.append(self.identifier("a type"))
        if self.take("%"):
            percent = self.identifier("TYPE or ROWTYPE") if not self.take("TYPE") else "TYPE"
            if percent not in ("TYPE", "ROWTYPE"):
                raise self.refuse("TYPE or ROWTYPE")
            return s.TypeName(line, tuple(parts), percent=percent)
        sizes: tuple[int, ...] = ()
        unit = None
        if self.at("("):
            if not sized:
                raise SyntaxRefused(
                    f"PLS-00103: {first}( : a parameter or RETURN type carries no length", line
                )
            self.need("(")
            sizes = self.many(self.integer)
            if self.at("BYTE") or self.at("CHAR"):
                unit = str(self.advance().value)
            self.need(")")
        if first == "TIMESTAMP" and self.take("WITH"):
            if self.take("LOCAL"):
                raise SyntaxRefused("WITH LOCAL TIME ZONE is outside the subset", line)
            self.need("TIME", "ZONE")
            unit = "TIME ZONE"
        return s.TypeName(line, tuple(parts), sizes, None, unit)

    def declarations(self) -> tuple[Any, ...]:
        items = []
        while not (self.at("BEGIN") or self.at("END")):
            items.append(self._declaration())
        return tuple(items)

    def _declaration(self) -> Any:
        line = self.line
        if self.at("FUNCTION") or self.at("PROCEDURE"):
            return self.subprogram()
        if self.at("TYPE"):
            return self._type_declaration()
        if self.take("PRAGMA"):
            name = self.identifier()
            arguments = self.in_parentheses(self.expression) if self.at("(") else ()
            self.need(";")
            return s.Pragma(line, name, arguments)
        if self.at("CURSOR") or self.at("SUBTYPE"):
            raise SyntaxRefused(f"{self.token.value} declarations are outside the subset", line)
        name = self.identifier("a declaration")
        if self.take("EXCEPTION"):
            self.need(";")
            return s.ExceptionDeclaration(line, name)
        constant = self.take("CONSTANT")
        variable = self._variable(line, name, constant)
        if constant and variable.default is None:
            raise SyntaxRefused(f"PLS-00322: constant {name} has no value", line)
        self.need(";")
        return variable

    def _variable(self, line: int, name: str, constant: bool) -> s.Variable:
        type_name = self.type_name(sized=True)
        not_null = self.take("NOT", "NULL")
        default = self.expression() if self.take(":=") or self.take("DEFAULT") else None
        if not_null and default is None:
            raise SyntaxRefused(f"PLS-00218: {name} is NOT NULL and has no value", line)
        return s.Variable(line, name, type_name, constant, not_null, default)

    def _type_declaration(self) -> Any:
        line = self.line
        self.need("TYPE")
        name = self.identifier()
        self.need("IS")
        if self.take("RECORD"):
            fields = self.in_parentheses(
                lambda: self._variable(self.line, self.identifier("a field"), False)
            )
            self.need(";")
            return s.RecordType(line, name, fields)
        limit = None
        if self.take("VARRAY"):
            self.need("(")
            limit = self.integer()
            self.need(")")
        else:
            self.need("TABLE")
        self.need("OF")
        element = self.type_name(sized=True)
        if self.take("NOT", "NULL"):
            raise SyntaxRefused("NOT NULL elements are outside the subset", line)
        index = None
        if self.take("INDEX"):
            self.need("BY")
            index = self.type_name(sized=True)
            if limit is not None:
                raise SyntaxRefused("a VARRAY has no INDEX BY", line)
        self.need(";")
        return s.CollectionType(line, name, element, index, limit)

    def subprogram(self) -> s.Subprogram:
        line = self.line
        is_function = self.take("FUNCTION")
        if not is_function:
            self.need("PROCEDURE")
        name = self.identifier("the name of a subprogram")
        parameters: tuple[s.Parameter, ...] = ()
        if self.at("("):
            parameters = self.in_parentheses(self._parameter)
        returns = None
        if is_function:
            self.need("RETURN")
            returns = self.type_name(sized=False)
        options = self._options(is_function)
        if self.take(";"):
            return s.Subprogram(line, name, parameters, returns, options, None)
        if not self.take("IS"):
            self.need("AS")
        declarations = self.declarations()
        block = self.block_body(declarations, name)
        return s.Subprogram(line, name, parameters, returns, options, block)

    def _options(self, is_function: bool) -> tuple[str, ...]:
        options = []
        while self.token.kind == "id" and self.token.value not in ("IS", "AS"):
            word = str(self.advance().value)
            if word == "PARALLEL_ENABLE" and self.take("("):
                self.need("PARTITION")
                cursor = self.identifier("the REF CURSOR parameter")
                self.need("BY", "ANY", ")")
                word = f"PARALLEL_ENABLE {cursor}"
            elif word == "RESULT_CACHE":
                raise SyntaxRefused("RESULT_CACHE is outside the subset", self.line)
            elif word not in ("PIPELINED", "DETERMINISTIC", "PARALLEL_ENABLE"):
                self.place -= 1
                raise self.refuse("IS, AS, ; or an option of a subprogram")
            if not is_function:
                raise SyntaxRefused(f"{word} belongs to functions", self.line)
            options.append(word)
        return tuple(options)

    def _parameter(self) -> s.Parameter:
        line = self.line
        name = self.identifier("a parameter")
        mode = "IN"
        if self.take("IN"):
            mode = "IN OUT" if self.take("OUT") else "IN"
        elif self.take("OUT"):
            mode = "OUT"
        nocopy = self.take("NOCOPY")
        if nocopy and mode == "IN":
            raise SyntaxRefused(f"PLS-00103: NOCOPY of the IN parameter {name}", line)
        type_name = self.type_name(sized=False)
        default = self.expression() if self.take(":=") or self.take("DEFAULT") else None
        if default is not None and mode != "IN":
            raise SyntaxRefused(f"PLS-00230: {mode} parameter {name} with a default", line)
        return s.Parameter(line, name, mode, nocopy, type_name, default)

    # Statements

    def block_body(self, declarations: tuple[Any, ...], name: str | None) -> s.Block:
        """BEGIN statements [EXCEPTION handlers] END [name]; the name is obligatory if given."""
        line = self.line
        self.need("BEGIN")
        statements = self.statements("EXCEPTION", "END")
        handlers: list[s.Handler] = []
        if self.take("EXCEPTION"):
            while self.at("WHEN"):
                handlers.append(self._handler())
            if not handlers:
                raise self.refuse("WHEN")
        self.need("END")
        if name is not None:
            self.end_name(name)
        self.need(";")
        return s.Block(line, declarations, statements, tuple(handlers))

    def end_name(self, name: str) -> None:
        line = self.line
        if self.at(";"):
            raise SyntaxRefused(f"END without the name {name} of the unit that it ends", line)
        found = self.identifier(f"END {name}")
        if found != name:
            raise SyntaxRefused(f"PLS-00113: END {found} does not match {name}", line)

    def _handler(self) -> s.Handler:
        line = self.line
        self.need("WHEN")
        names = [self.name("an exception")]
        while self.take("OR"):
            names.append(self.name("an exception"))
        self.need("THEN")
        return s.Handler(line, tuple(names), self.statements("WHEN", "END"))

    def statements(self, *stops: str) -> tuple[Any, ...]:
        """At least one statement, up to one of the keywords."""
        items = []
        while not any(self.at(stop) for stop in stops):
            if self.token.kind == "end":
                raise self.refuse(" or ".join(stops))
            items.append(self.statement())
        if not items:
            raise self.refuse("a statement (NULL; does nothing)")
        return tuple(items)

    def statement(self) -> Any:
        token = self.token
        handler = _STATEMENTS.get(token.value) if token.kind == "id" else None
        if handler is not None:
            return handler(self)
        if token.kind == "op" and token.value == "<<":
            raise SyntaxRefused("labels are outside the subset", token.line)
        if token.kind == "id" and token.value in ("GOTO", "FORALL", "LOCK"):
            raise SyntaxRefused(f"{token.value} is outside the subset", token.line)
        return self._assignment_or_call()

    def _ended(self, item: Callable[[], Any]) -> Any:
        node = item()
        self.need(";")
        return node

    def _declare(self) -> s.Block:
        self.need("DECLARE")
        return self.block_body(self.declarations(), None)

    def _assignment_or_call(self) -> Any:
        line = self.line
        target = self._postfix()
        if not isinstance(target, (s.Name, s.Call, s.Field, s.Bind)):
            raise SyntaxRefused("PLS-00103: a statement is expected", line)
        if self.take(":="):
            value = self.expression()
            self.need(";")
            return s.Assign(line, target, value)
        if not self.at(";"):
            raise self.refuse(":=, ( or ;")
        self.need(";")
        return s.CallStatement(line, target)

    def _if(self) -> s.If:
        line = self.line
        self.need("IF")
        branches = []
        while True:
            condition = self.expression()
            self.need("THEN")
            branches.append((condition, self.statements("ELSIF", "ELSE", "END")))
            if not self.take("ELSIF"):
                break
        otherwise = self.statements("END") if self.take("ELSE") else None
        self.need("END", "IF", ";")
        return s.If(line, tuple(branches), otherwise)

    def _case_statement(self) -> s.CaseStatement:
        line = self.line
        self.need("CASE")
        selector = None if self.at("WHEN") else self.expression()
        branches = []
        while self.take("WHEN"):
            condition = self.expression()
            self.need("THEN")
            branches.append((condition, self.statements("WHEN", "ELSE", "END")))
        if not branches:
            raise self.refuse("WHEN")
        otherwise = self.statements("END") if self.take("ELSE") else None
        self.need("END", "CASE", ";")
        return s.CaseStatement(line, selector, tuple(branches), otherwise)

    def _for(self) -> Any:
        line = self.line
        self.need("FOR")
        name = self.identifier("a loop variable")
        self.need("IN")
        reverse = self.take("REVERSE")
        if self.at("(", "SELECT"):
            self.need("(")
            select = self.select()
            self.need(")")
            return s.ForQuery(line, name, select, self._loop_body())
        low = self._sum()
        self.need("..")
        high = self._sum()
        return s.ForRange(line, name, low, high, reverse, self._loop_body())

    def _loop_body(self) -> tuple[Any, ...]:
        self.need("LOOP")
        statements = self.statements("END")
        self.need("END", "LOOP", ";")
        return statements

    def _while(self) -> s.Loop:
        line = self.line
        self.need("WHILE")
        condition = self.expression()
        return s.Loop(line, condition, self._loop_body())

    def _loop(self) -> s.Loop:
        return s.Loop(self.line, None, self._loop_body())

    def _leave(self, kind: str) -> s.Leave:
        line = self.line
        self.need(kind)
        condition = self.expression() if self.take("WHEN") else None
        self.need(";")
        return s.Leave(line, kind, condition)

    def _return(self) -> s.Return:
        line = self.line
        self.need("RETURN")
        value = None if self.at(";") else self.expression()
        self.need(";")
        return s.Return(line, value)

    def _raise(self) -> s.Raise:
        line = self.line
        self.need("RAISE")
        name = None if self.at(";") else self.name("an exception")
        self.need(";")
        return s.Raise(line, name)

    def _null(self) -> s.NullStatement:
        line = self.line
        self.need("NULL", ";")
        return s.NullStatement(line)

    def _pipe(self) -> s.PipeRow:
        line = self.line
        self.need("PIPE", "ROW", "(")
        value = self.expression()
        self.need(")", ";")
        return s.PipeRow(line, value)

    def _fetch(self) -> s.Fetch:
        line = self.line
        self.need("FETCH")
        cursor = self._postfix()
        bulk = self.take("BULK", "COLLECT")
        self.need("INTO")
        targets = self.many(self._postfix)
        limit = None
        if self.take("LIMIT"):
            if not bulk:
                raise SyntaxRefused("LIMIT without BULK COLLECT", line)
            limit = self.expression()
        self.need(";")
        return s.Fetch(line, cursor, bulk, targets, limit)

    def _open(self) -> s.OpenFor:
        line = self.line
        self.need("OPEN")
        cursor = self._postfix()
        self.need("FOR")
        select = self.select() if self.at("SELECT") else self.expression()
        self.need(";")
        return s.OpenFor(line, cursor, select)

    def _close(self) -> s.CloseCursor:
        line = self.line
        self.need("CLOSE")
        cursor = self._postfix()
        self.need(";")
        return s.CloseCursor(line, cursor)

    def _execute(self) -> s.ExecuteImmediate:
        line = self.line
        self.need("EXECUTE", "IMMEDIATE")
        text = self.expression()
        targets = self.many(self._postfix) if self.take("INTO") else ()
        using = self.many(self.expression) if self.take("USING") else ()
        self.need(";")
        return s.ExecuteImmediate(line, text, targets, using)

    # SQL

    def select(self) -> s.Select:
        line = self.line
        self.need("SELECT")
        distinct = self.take("DISTINCT")
        items = self.many(self._select_item)
        bulk = self.take("BULK", "COLLECT")
        into = self.many(self._postfix) if self.take("INTO") else ()
        if bulk and not into:
            raise self.refuse("INTO")
        self.need("FROM")
        sources = self.many(self._source)
        where = self.expression() if self.take("WHERE") else None
        group_by: tuple[Any, ...] = ()
        if self.take("GROUP"):
            self.need("BY")
            group_by = self.many(self.expression)
        having = self.expression() if self.take("HAVING") else None
        union = None
        if self.take("UNION"):
            self.need("ALL")
            union = self.select()
        order_by: tuple[s.OrderItem, ...] = ()
        if self.take("ORDER"):
            self.need("BY")
            order_by = self.many(self._order_item)
        for_update = self.take("FOR", "UPDATE")
        return s.Select(line, items, sources, where, group_by, having, order_by, distinct, into,
                        bulk, for_update, union)  # fmt: skip

    def _select_item(self) -> s.SelectItem:
        line = self.line
        if self.take("*"):
            return s.SelectItem(line, s.Star(line), None)
        starts_name = self.token.kind in ("id", "qid") and self.peek().value == "."
        if starts_name and self.peek(2).kind == "op" and self.peek(2).value == "*":
            qualifier = self.identifier()
            self.place += 2
            return s.SelectItem(line, s.Star(line, qualifier), None)
        value = self.expression()
        alias = None
        if (
            self.take("AS")
            or self.token.kind == "qid"
            or (self.token.kind == "id" and self.token.value not in SQL_RESERVED | {"BULK"})
        ):
            alias = self.column_name()
        return s.SelectItem(line, value, alias)

    def _source(self) -> s.Source:
        line = self.line
        if self.take("TABLE"):
            self.need("(")
            function = self.expression()
            self.need(")")
            return s.Source(line, "function", function, self._alias())
        if self.take("("):
            select = self.select()
            self.need(")")
            return s.Source(line, "select", select, self._alias())
        table = self.name("a table")
        source = s.Source(line, "table", table, self._alias())
        for word in ("JOIN", "LEFT", "INNER", "FULL", "CROSS", "NATURAL"):
            if self.at(word):
                raise SyntaxRefused("ANSI joins are outside the subset", line)
        return source

    def _alias(self) -> str | None:
        if self.token.kind == "qid":
            return self.identifier()
        joins = ("JOIN", "LEFT", "INNER", "FULL", "CROSS", "NATURAL", "USING", "LOOP")
        if self.token.kind == "id" and self.token.value not in SQL_RESERVED | set(joins):
            return self.identifier()
        return None

    def _order_item(self) -> s.OrderItem:
        line = self.line
        value = self.expression()
        descending = self.take("DESC")
        if not descending:
            self.take("ASC")
        nulls = None
        if self.take("NULLS"):
            nulls = "FIRST" if self.take("FIRST") else "LAST"
            if nulls == "LAST":
                self.need("LAST")
        return s.OrderItem(line, value, descending, nulls)

    def insert(self) -> s.Insert:
        line = self.line
        self.need("INSERT", "INTO")
        table = self.name("a table")
        if not self.at("("):
            raise SyntaxRefused("INSERT without a list of columns is outside the subset", line)
        columns = self.in_parentheses(self.column_name)
        if self.take("VALUES"):
            if self.token.kind == "floats":
                raise self.refuse("values")
            values = self.in_parentheses(self.expression)
            if len(values) != len(columns):
                raise SyntaxRefused("ORA-00947: as many values as columns are needed", line)
            return s.Insert(line, table, columns, values, None)
        select = self.select()
        if select.into:
            raise SyntaxRefused("INTO inside INSERT ... SELECT", line)
        return s.Insert(line, table, columns, (), select)

    def update(self) -> s.Update:
        line = self.line
        self.need("UPDATE")
        table = self.name("a table")
        alias = None if self.at("SET") else self.identifier("SET or an alias")
        self.need("SET")
        assignments = self.many(self._set_item)
        where = self.expression() if self.take("WHERE") else None
        return s.Update(line, table, alias, assignments, where)

    def _set_item(self) -> tuple[str, Any]:
        name = self.column_name()
        if self.take("."):
            name = self.column_name()
        self.need("=")
        return name, self.expression()

    def delete(self) -> s.Delete:
        line = self.line
        self.need("DELETE")
        self.take("FROM")
        table = self.name("a table")
        alias = self._alias()
        where = self.expression() if self.take("WHERE") else None
        return s.Delete(line, table, alias, where)

    def merge(self) -> s.Merge:
        line = self.line
        self.need("MERGE", "INTO")
        table = self.name("a table")
        alias = self._alias()
        self.need("USING")
        source = self._source()
        self.need("ON", "(")
        condition = self.expression()
        self.need(")")
        matched: tuple[Any, ...] = ()
        matched_where = None
        columns: tuple[Any, ...] = ()
        values: tuple[Any, ...] = ()
        while self.take("WHEN"):
            if self.take("MATCHED"):
                self.need("THEN", "UPDATE", "SET")
                matched = self.many(self._set_item)
                matched_where = self.expression() if self.take("WHERE") else None
            else:
                self.need("NOT", "MATCHED", "THEN", "INSERT")
                columns = self.in_parentheses(self._qualified_column)
                self.need("VALUES")
                values = self.in_parentheses(self.expression)
                if len(values) != len(columns):
                    raise SyntaxRefused("ORA-00947: as many values as columns are needed", line)
        return s.Merge(
            line, table, alias, source, condition, matched, matched_where, columns, values
        )

    def _qualified_column(self) -> str:
        name = self.column_name()
        return self.column_name() if self.take(".") else name

    def transaction(self) -> s.Transaction:
        line = self.line
        kind = str(self.advance().value)
        savepoint = None
        if kind == "SAVEPOINT" or (kind == "ROLLBACK" and self.take("TO")):
            self.take("SAVEPOINT")
            savepoint = self.identifier("a savepoint")
        elif kind == "SET":
            self.need("TRANSACTION")
            self.need("READ")
            self.need("ONLY")
        elif self.take("WORK"):
            pass
        return s.Transaction(line, kind, savepoint)

    # Definitions

    def create(self) -> Any:
        line = self.line
        self.need("CREATE")
        replace = self.take("OR", "REPLACE")
        for word in ("EDITIONABLE", "NONEDITIONABLE", "GLOBAL", "FORCE"):
            if self.at(word):
                raise SyntaxRefused(f"CREATE {word} is outside the subset", line)
        if self.at("PACKAGE"):
            return self._package(line, replace)
        is_public = self.take("PUBLIC")
        if is_public or self.at("SYNONYM"):
            self.need("SYNONYM")
            name = self.name()
            self.need("FOR")
            return s.CreateSynonym(line, name, self.name(), replace, is_public)
        if self.take("VIEW"):
            name = self.name()
            columns = self.in_parentheses(self.column_name) if self.at("(") else ()
            self.need("AS")
            return s.CreateView(line, name, columns, self.select(), replace)
        if self.at("TABLE") and not replace:
            return self._create_table(line)
        raise self.refuse(
            "PACKAGE, SYNONYM, VIEW or TABLE (CREATE of others is outside the subset)"
        )

    def _package(self, line: int, replace: bool) -> s.Package:
        self.need("PACKAGE")
        is_body = self.take("BODY")
        name = self.name("a package")
        authid = None
        if not is_body and self.take("AUTHID"):
            authid = self.identifier("DEFINER")
            if authid != "DEFINER":
                raise SyntaxRefused(f"AUTHID {authid} is outside the subset", line)
        if not self.take("IS"):
            self.need("AS")
        declarations = self.declarations()
        block = None
        if is_body and self.at("BEGIN"):
            block = self.block_body((), name.parts[-1])
        else:
            self.need("END")
            self.end_name(name.parts[-1])
            self.need(";")
        for item in declarations:
            if not is_body and isinstance(item, s.Subprogram) and item.body is not None:
                raise SyntaxRefused(
                    f"PLS-00103: the body of {item.name} stands in a specification", item.line
                )
        return s.Package(line, name, is_body, replace, authid, declarations, block)

    def _create_table(self, line: int) -> s.CreateTable:
        self.need("TABLE")
        name = self.name("a table")
        columns: list[s.Column] = []
        constraints: list[Any] = []
        self.need("(")
        while True:
            words = ("CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN")
            if any(self.at(word) for word in words):
                constraints.append(self._constraint())
            else:
                columns.append(self._column())
            if not self.take(","):
                break
        self.need(")")
        stores = []
        while self.take("VARRAY"):
            column = self.column_name()
            self.need("STORE", "AS")
            if not self.take("SECUREFILE"):
                self.take("BASICFILE")
            self.need("LOB")
            stores.append((column, self.identifier("the name of a LOB segment")))
        return s.CreateTable(line, name, tuple(columns), tuple(constraints), tuple(stores))

    def _constraint(self) -> Any:
        line = self.line
        name = self.identifier() if self.take("CONSTRAINT") else None
        if self.take("PRIMARY"):
            self.need("KEY")
            return s.Key(line, "PRIMARY", self.in_parentheses(self.column_name), name)
        if self.take("UNIQUE"):
            return s.Key(line, "UNIQUE", self.in_parentheses(self.column_name), name)
        if self.take("CHECK"):
            self.need("(")
            condition = self.expression()
            self.need(")")
            return s.Check(line, condition, name)
        self.need("FOREIGN", "KEY")
        columns = self.in_parentheses(self.column_name)
        self.need("REFERENCES")
        table = self.name("a table")
        references = self.in_parentheses(self.column_name) if self.at("(") else ()
        cascade = self.take("ON")
        if cascade:
            self.need("DELETE", "CASCADE")
        return s.ForeignKey(line, columns, table, references, name, cascade)

    def _column(self) -> s.Column:
        line = self.line
        name = self.column_name()
        type_name = self.type_name(sized=True)
        default, not_null, primary, unique = None, False, False, False
        checks: list[Any] = []
        if self.take("DEFAULT"):
            default = self._sum()
        while True:
            if self.take("CONSTRAINT"):
                self.identifier()
            if self.take("NOT", "NULL"):
                not_null = True
            elif self.take("PRIMARY", "KEY"):
                primary = True
            elif self.take("UNIQUE"):
                unique = True
            elif self.take("CHECK"):
                self.need("(")
                checks.append(self.expression())
                self.need(")")
            else:
                break
        return s.Column(line, name, type_name, not_null, default, primary, unique, tuple(checks))

    def drop(self) -> s.Drop:
        line = self.line
        self.need("DROP")
        is_public = self.take("PUBLIC")
        kind = str(self.advance().value)
        if kind not in ("TABLE", "PACKAGE", "SYNONYM", "VIEW") or (is_public and kind != "SYNONYM"):
            raise SyntaxRefused(f"DROP {kind} is outside the subset", line)
        if kind == "PACKAGE" and self.take("BODY"):
            kind = "PACKAGE BODY"
        name = self.name()
        options = []
        if kind == "TABLE" and self.take("CASCADE"):
            self.need("CONSTRAINTS")
            options.append("CASCADE")
        if kind == "TABLE" and self.take("PURGE"):
            options.append("PURGE")
        return s.Drop(line, f"PUBLIC {kind}" if is_public else kind, name, tuple(options))

    def grant(self) -> s.Grant:
        line = self.line
        revoke = self.at("REVOKE")
        self.advance()
        privileges = self.many(lambda: str(self.advance().value))
        for privilege in privileges:
            if privilege not in _PRIVILEGES:
                raise SyntaxRefused(f"privilege {privilege} is outside the subset", line)
        self.need("ON")
        target = self.name()
        self.need("FROM" if revoke else "TO")
        grantees = self.many(
            lambda: "PUBLIC" if self.take("PUBLIC") else self.identifier("a user or role")
        )
        option = not revoke and self.take("WITH")
        if option:
            self.need("GRANT", "OPTION")
        return s.Grant(line, revoke, privileges, target, grantees, option)

    def alter(self) -> s.Alter | s.AddColumns | s.RenameColumn:
        line = self.line
        self.need("ALTER")
        if self.take("SESSION"):
            self.need("SET")
            name = s.Name(line, (self.identifier("a parameter"),))
            self.need("=")
            return s.Alter(line, "SESSION", name, str(self.advance().value))
        if self.take("TABLE"):
            table = self.name("a table")
            if self.take("ADD"):
                return s.AddColumns(line, table, self.in_parentheses(self._column))
            self.need("RENAME", "COLUMN")
            old = self.column_name()
            self.need("TO")
            return s.RenameColumn(line, table, old, self.column_name())
        self.need("PACKAGE")
        name = self.name("a package")
        self.need("COMPILE")
        action = "BODY" if self.take("BODY") else "PACKAGE"
        if self.take("PLSQL_CODE_TYPE"):
            self.need("=")
            if not self.take("NATIVE"):
                self.need("INTERPRETED")
        return s.Alter(line, "PACKAGE", name, action)

    def comment(self) -> s.Comment:
        line = self.line
        self.need("COMMENT", "ON")
        kind = "TABLE" if self.take("TABLE") else "COLUMN"
        if kind == "COLUMN":
            self.need("COLUMN")
        name = self.name()
        self.need("IS")
        return s.Comment(line, kind, name, self.string())


def number_literal(text: str, line: int) -> s.Literal:
    """A numeric literal: PL/SQL Language Reference 19c, 2.2.3 Literals."""
    suffix = text[-1].lower()
    if suffix in "fd":
        return s.Literal(line, "float" if suffix == "f" else "double", text[:-1])
    if text.isdigit() and int(text) < 2**31:
        return s.Literal(line, "int", int(text))
    return s.Literal(line, "number", text)


# What a statement that begins with a keyword is read by.
_STATEMENTS: dict[str, Callable[[Parser], Any]] = {
    "IF": Parser._if,
    "CASE": Parser._case_statement,
    "FOR": Parser._for,
    "WHILE": Parser._while,
    "LOOP": Parser._loop,
    "EXIT": lambda parser: parser._leave("EXIT"),
    "CONTINUE": lambda parser: parser._leave("CONTINUE"),
    "RETURN": Parser._return,
    "RAISE": Parser._raise,
    "NULL": Parser._null,
    "PIPE": Parser._pipe,
    "FETCH": Parser._fetch,
    "OPEN": Parser._open,
    "CLOSE": Parser._close,
    "SELECT": lambda parser: parser._ended(parser.select),
    "INSERT": lambda parser: parser._ended(parser.insert),
    "UPDATE": lambda parser: parser._ended(parser.update),
    "DELETE": lambda parser: parser._ended(parser.delete),
    "MERGE": lambda parser: parser._ended(parser.merge),
    "COMMIT": lambda parser: parser._ended(parser.transaction),
    "ROLLBACK": lambda parser: parser._ended(parser.transaction),
    "SAVEPOINT": lambda parser: parser._ended(parser.transaction),
    "EXECUTE": Parser._execute,
    "BEGIN": lambda parser: parser.block_body((), None),
    "DECLARE": Parser._declare,
}


def parse_statement(text: str, first_line: int = 1, identifier_bytes: int = 128) -> Any:
    """One SQL statement or PL/SQL unit, without what SQL*Plus ends it with.

    Raises: SyntaxRefused.
    """
    parser = Parser(text, first_line, identifier_bytes)
    token = parser.token
    if token.kind != "id":
        raise parser.refuse("a statement")
    readers: dict[str, Callable[[], Any]] = {
        "SELECT": parser.select,
        "INSERT": parser.insert,
        "UPDATE": parser.update,
        "DELETE": parser.delete,
        "MERGE": parser.merge,
        "COMMIT": parser.transaction,
        "ROLLBACK": parser.transaction,
        "SAVEPOINT": parser.transaction,
        "SET": parser.transaction,
        "CREATE": parser.create,
        "DROP": parser.drop,
        "GRANT": parser.grant,
        "REVOKE": parser.grant,
        "ALTER": parser.alter,
        "COMMENT": parser.comment,
    }
    node: Any
    if token.value == "DECLARE":
        parser.need("DECLARE")
        node = s.AnonymousBlock(token.line, parser.block_body(parser.declarations(), None))
    elif token.value == "BEGIN":
        node = s.AnonymousBlock(token.line, parser.block_body((), None))
    elif token.value in readers:
        node = readers[token.value]()
    else:
        raise SyntaxRefused(f"statement {token.value} is outside the subset", token.line)
    if parser.token.kind != "end":
        raise parser.refuse("the end of the statement")
    return node
