"""What the parser and the static checker refuse, before anything runs."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import pytest

from plsql.machine import Database
from plsql.values import PlsqlError, Refused

# What a block contains, and what the refusal says.
BLOCKS: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "an undeclared variable": ("", "l_x := 1;", "PLS-00201"),
        "an undeclared function": ("n number;", "n := no_such(1);", "PLS-00201"),
        "an undeclared type": ("n no_such_type;", "null;", "PLS-00201"),
        "a name declared twice": ("n number; n number;", "null;", "PLS-00371"),
        "VARCHAR2 without a length": ("t varchar2;", "null;", "PLS-00215"),
        "a parameter with a length": (
            "procedure q(t varchar2(30)) is begin null; end q;",
            "null;",
            "PLS-00103",
        ),
        "a RETURN type with a length": (
            "function q return varchar2(30) is begin return 'x'; end q;",
            "null;",
            "PLS-00103",
        ),
        "NOCOPY of an IN parameter": (
            "procedure q(t in nocopy number) is begin null; end q;",
            "null;",
            "NOCOPY",
        ),
        "a default of an OUT parameter": (
            "procedure q(t out number default 1) is begin t := 1; end q;",
            "null;",
            "PLS-00230",
        ),
        "END without the name of its unit": (
            "procedure q is begin null; end;",
            "null;",
            "without the name",
        ),
        "END with another name": ("procedure q is begin null; end r;", "null;", "PLS-00113"),
        "a missing semicolon": ("", "null", "PLS-00103"),
        "an empty block": ("", "", "PLS-00103"),
        "END IF forgotten": ("", "if 1 = 1 then null; end;", "PLS-00103"),
        "ELSE IF for ELSIF": (
            "",
            "if 1 = 1 then null; else if 1 = 2 then null; end if;",
            "PLS-00103",
        ),
        "= for :=": ("n number;", "n = 1;", "PLS-00103"),
        ":= in a condition": ("n number;", "if n := 1 then null; end if;", "PLS-00103"),
        "== of other languages": ("n number;", "if n == 1 then null; end if;", "PLS-00103"),
        "a comma too many": ("n number;", "n := greatest(1, 2,);", "PLS-00103"),
        "a parenthesis too few": ("n number;", "n := (1 + 2;", "PLS-00103"),
        "a string without an end": ("", "dbms_output.put_line('abc);", "not PL/SQL"),
        "a reserved word as a name": ("begin number;", "null;", "PLS-00103"),
        "a positional argument after a named one": (
            "procedure q(a number, b number) is begin null; end q;",
            "q(a => 1, 2);",
            "PLS-00312",
        ),
        "an unknown named argument": (
            "procedure q(a number) is begin null; end q;",
            "q(b => 1);",
            "PLS-00306",
        ),
        "an argument given twice": (
            "procedure q(a number) is begin null; end q;",
            "q(1, a => 1);",
            "PLS-00306",
        ),
        "an argument too few": (
            "procedure q(a number, b number) is begin null; end q;",
            "q(1);",
            "PLS-00306",
        ),
        "an argument of the wrong type": (
            "procedure q(a utl_nla_array_flt) is begin null; end q;",
            "q(1);",
            "PLS-00382",
        ),
        "two overloads that fit equally": (
            "procedure q(a number, b number := 1) is begin null; end q;"
            " procedure q(a number, c varchar2 := 'x') is begin null; end q;",
            "q(1);",
            "PLS-00307",
        ),
        "two overloads of which each fits one argument better": (
            "procedure q(a number, b binary_double) is begin null; end q;"
            " procedure q(a binary_double, b number) is begin null; end q;",
            "q(1, 1);",
            "PLS-00307",
        ),
        "NULL for one of two arrays": (
            "procedure q(a utl_nla_array_flt) is begin null; end q;"
            " procedure q(a utl_nla_array_dbl) is begin null; end q;",
            "q(null);",
            "PLS-00307",
        ),
        "an OUT argument that is no variable": (
            "procedure q(a out number) is begin a := 1; end q;",
            "q(1);",
            "PLS-00363",
        ),
        "assigning to a constant": ("c constant number := 1;", "c := 2;", "PLS-00363"),
        "assigning to an IN parameter": (
            "procedure q(a number) is begin a := 1; end q;",
            "q(1);",
            "PLS-00363",
        ),
        "assigning to an element of an IN parameter": (
            "procedure q(a utl_nla_array_flt) is begin a(1) := 1f; end q;",
            "null;",
            "PLS-00363",
        ),
        "extending an IN parameter": (
            "procedure q(a utl_nla_array_flt) is begin a.extend; end q;",
            "null;",
            "PLS-00363",
        ),
        "assigning to a loop index": ("", "for i in 1 .. 2 loop i := 1; end loop;", "PLS-00363"),
        "a constant without a value": ("c constant number;", "null;", "PLS-00322"),
        "NOT NULL without a value": ("c number not null;", "null;", "PLS-00218"),
        "FLT for DBL": (
            "a utl_nla_array_flt; b utl_nla_array_dbl;",
            "a := b;",
            "PLS-00382",
        ),
        "two table types with the same element": (
            "type t is table of number; type u is table of number; a t := t(); b u;",
            "b := a;",
            "PLS-00382",
        ),
        "text for a number": ("n number;", "n := '1';", "convert explicitly"),
        "a number for text": ("t varchar2(3);", "t := 1;", "convert explicitly"),
        "text compared with a number": ("", "if '1' = 1 then null; end if;", "convert one"),
        "a number as a condition": ("", "if 1 then null; end if;", "PLS-00382"),
        "= NULL": ("n number;", "if n = null then null; end if;", "IS NULL"),
        "NULL in arithmetic": ("n number;", "n := 1 + null;", "NULL"),
        "NOT IN with NULL": ("n number;", "if n not in (1, null) then null; end if;", "NULL"),
        "a function as a statement": (
            "function f return number is begin return 1; end f;",
            "f;",
            "PLS-00306",
        ),
        "a procedure as a value": ("procedure q is begin null; end q; n number;", "n := q;", "PLS"),
        "a function without RETURN": (
            "function f return number is begin null; end f;",
            "null;",
            "PLS-00503",
        ),
        "a procedure that returns a value": (
            "procedure q is begin return 1; end q;",
            "null;",
            "PLS-00372",
        ),
        "RETURN without a value in a function": (
            "function f return number is begin return; end f;",
            "null;",
            "PLS-00503",
        ),
        "statements after RETURN": (
            "function f return number is begin return 1; null; end f;",
            "null;",
            "unreachable",
        ),
        "a column without a name in a loop": (
            "n number;",
            "for r in (select 1 + 1 from dual) loop n := r.expression; end loop;",
            "PLS-00302",
        ),
        "PRAGMA UDF of a procedure": (
            "procedure q is pragma udf; begin null; end q;",
            "null;",
            "PRAGMA UDF",
        ),
        "a forward declaration without a body": ("procedure q;", "null;", "PLS-00323"),
        "variables after subprograms": (
            "procedure q is begin null; end q; n number;",
            "null;",
            "PLS-00103",
        ),
        "EXIT outside of a loop": ("", "exit;", "PLS-00376"),
        "RAISE without a name outside of a handler": ("", "raise;", "RAISE"),
        "SQLERRM outside of a handler": ("t varchar2(99);", "t := sqlerrm;", "SQLERRM"),
        "an exception handled twice": (
            "",
            "begin null; exception when no_data_found then null;"
            " when no_data_found then null; end;",
            "PLS-00483",
        ),
        "OTHERS before another handler": (
            "",
            "begin null; exception when others then null; when no_data_found then null; end;",
            "PLS-00370",
        ),
        "an unknown exception": (
            "",
            "begin null; exception when no_such then null; end;",
            "PLS-00201",
        ),
        "an unknown field": ("type t is record (a number); r t;", "r.b := 1;", "PLS-00302"),
        "a subscript of a number": ("n number;", "n := n(1);", "PLS-00224"),
        "EXTEND of an associative array": (
            "type t is table of number index by pls_integer; a t;",
            "a.extend;",
            "PLS-00306",
        ),
        "a constructor of an associative array": (
            "type t is table of number index by pls_integer; a t;",
            "a := t();",
            "constructor",
        ),
        "EXP of a BINARY_FLOAT": ("f binary_float;", "f := exp(f);", "to_binary_double"),
        "LN of a BINARY_FLOAT": ("f binary_float;", "f := ln(f + 1f);", "to_binary_double"),
        "TANH of a BINARY_FLOAT element": (
            "a utl_nla_array_flt;",
            "a(1) := tanh(a(1));",
            "to_binary_double",
        ),
        "POWER of a BINARY_FLOAT": ("f binary_float;", "f := power(f, 2d);", "to_binary_double"),
        "BINARY_FLOAT and NUMBER in a sum": ("f binary_float;", "f := f + 1;", "explicitly"),
        "BINARY_DOUBLE and PLS_INTEGER in a quotient": (
            "d binary_double; n pls_integer;",
            "d := d / n;",
            "explicitly",
        ),
        "BINARY_DOUBLE compared with a NUMBER": (
            "d binary_double;",
            "if d > 0.5 then null; end if;",
            "explicitly",
        ),
        "BINARY_FLOAT and PLS_INTEGER in GREATEST": (
            "f binary_float;",
            "f := greatest(f, 0);",
            "explicitly",
        ),
        "BLAS_GER as the manual declares it": (
            "a utl_nla_array_flt; x utl_nla_array_flt; y utl_nla_array_flt;",
            "utl_nla.blas_ger(1, 1, 1f, x, 1, y, 1, a, 1);",
            "utlnla.sql",
        ),
        "BLAS_GER as Oracle ships it": (
            "a utl_nla_array_flt; x utl_nla_array_flt; y utl_nla_array_flt;",
            "utl_nla.blas_ger(1, 1, 1f, x, 1, y, a, 1);",
            "the manual declares",
        ),
        "** of a BINARY_FLOAT": ("f binary_float;", "f := f ** 2;", "to_binary_double"),
        "TO_NUMBER of a text without NLS": (
            "n number;",
            "n := to_number('1.5');",
            "NLS_NUMERIC_CHARACTERS",
        ),
        "a literal beyond BINARY_FLOAT": ("f binary_float;", "f := 1e39f;", "ORA-01426"),
        "error number outside of -20999 .. -20000": (
            "",
            "raise_application_error(-19999, 'x');",
            "ORA-21000",
        ),
        "STANDARD_HASH outside of SQL": (
            "r raw(32);",
            "r := standard_hash('x', 'SHA256');",
            "SQL only",
        ),
        "SELECT without INTO": ("", "select dummy from dual;", "PLS-00428"),
        "SELECT of more columns than targets": (
            "t varchar2(1);",
            "select dummy, 1 into t from dual;",
            "ORA-00947",
        ),
        "an unknown table": ("n number;", "select a into n from no_such;", "ORA-00942"),
        "an unknown column": ("n number;", "select no_such into n from dual;", "PLS-00201"),
        "a private function in SQL": (
            "n number; function f return number is begin return 1; end f;",
            "select f into n from dual;",
            "PLS-00231",
        ),
        "an aggregate beside a column": (
            "n number; t varchar2(1);",
            "select count(*), dummy into n, t from dual;",
            "ORA-00979",
        ),
        "an aggregate outside of SQL": ("n number;", "n := count(1);", "PLS-00201"),
        "GOTO": ("", "goto x;", "outside the subset"),
        "a label": ("", "<<x>> null;", "outside the subset"),
        "FORALL": ("", "forall i in 1 .. 2 null;", "outside the subset"),
        "an explicit cursor": ("cursor c is select dummy from dual;", "null;", "outside"),
        "a subtype": ("subtype t is number;", "null;", "outside the subset"),
        "an unknown pragma": ("pragma autonomous_transaction;", "null;", "outside the subset"),
        "an unknown UTL_NLA routine": ("", "utl_nla.blas_gemx(1);", "outside the subset"),
        "FLT and DBL in one UTL_NLA call": (
            "a utl_nla_array_flt; b utl_nla_array_dbl;",
            "utl_nla.blas_axpy(n => 1, alpha => 1, x => a, incx => 1, y => b, incy => 1);",
            "PLS-00306",
        ),
        "a UTL_NLA argument forgotten": (
            "a utl_nla_array_flt;",
            "utl_nla.blas_scal(n => 1, alpha => 1f, x => a);",
            "parameter INCX is missing",
        ),
        "an endless loop": ("", "loop null; end loop;", "without EXIT"),
        "pipe row in a procedure": ("", "pipe row (1);", "PLS-00629"),
    }
)

SPEC = "create or replace package p as {} end p;"
BODY = "create or replace package body p as {} end p;"
PACKAGES: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "a declared function without a body": ("function f return number;", "", "PLS-00323"),
        "another parameter name in the body": (
            "procedure q(a number);",
            "procedure q(b number) is begin null; end q;",
            "PLS-00323",
        ),
        "another mode in the body": (
            "procedure q(a number);",
            "procedure q(a in out number) is begin null; end q;",
            "PLS-00323",
        ),
        "another type in the body": (
            "procedure q(a number);",
            "procedure q(a binary_double) is begin null; end q;",
            "PLS-00323",
        ),
        "another return type in the body": (
            "function f return number;",
            "function f return binary_double is begin return 1d; end f;",
            "PLS-00323",
        ),
        "another default in the body": (
            "procedure q(a number default 1);",
            "procedure q(a number default 2) is begin null; end q;",
            "PLS-00593",
        ),
        "a default only in the body": (
            "procedure q(a number);",
            "procedure q(a number default 2) is begin null; end q;",
            "PLS-00593",
        ),
        "DETERMINISTIC only in the specification": (
            "function f return number deterministic;",
            "function f return number is begin return 1; end f;",
            "PLS-00712",
        ),
        "a function twice in the body": (
            "function f return number;",
            "function f return number is begin return 1; end f;"
            " function f return number is begin return 1; end f;",
            "PLS-00371",
        ),
        "a body in the specification's place": (
            "function f return number is begin return 1; end f;",
            "",
            "stands in a specification",
        ),
        "PIPE ROW forgotten": (
            "type t is table of number; function f return t pipelined;",
            "function f return t pipelined is begin return; end f;",
            "PIPE ROW",
        ),
        "a value returned by a pipelined function": (
            "type t is table of number; function f return t pipelined;",
            "function f return t pipelined is begin pipe row (1); return t(); end f;",
            "PLS-00372",
        ),
        "a pipelined function outside of TABLE": (
            "type t is table of number; function f return t pipelined; procedure q;",
            "function f return t pipelined is begin pipe row (1); return; end f;"
            " procedure q is l t; begin l := f; end q;",
            "PLS-00653",
        ),
        "a pipelined function of a number": (
            "function f return number pipelined;",
            "",
            "PLS-00630",
        ),
        "PARTITION of what is no cursor": (
            "type t is table of number; function f(a number) return t pipelined parallel_enable"
            " (partition a by any);",
            "",
            "REF CURSOR",
        ),
        "RESULT_CACHE": ("function f return number result_cache;", "", "outside the subset"),
        "a cursor variable as state": ("c sys_refcursor;", "", "PLS-00994"),
        "a call before its declaration": (
            "procedure q;",
            "procedure q is begin r; end q; procedure r is begin null; end r;",
            "must be declared",
        ),
    }
)

STATEMENTS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "a VARRAY column without a LOB segment": (
            "create table t (a utl_nla_array_flt)",
            "STORE AS LOB",
        ),
        "a CLOB beside a group function": (
            "select max(1), to_clob('a') from dual",
            "ORA-00932",
        ),
        "a BOOLEAN column": ("create table t (a boolean)", "ORA-00902"),
        "a column twice": ("create table t (a number, a number)", "ORA-00957"),
        "a reserved word as a column": ("create table t (number number)", "PLS-00103"),
        "VARCHAR2(4001) in a table": ("create table t (a varchar2(4001))", "ORA-00910"),
        "values too few": ("insert into t (a, b) values (1)", "ORA-00947"),
        "INSERT without columns": ("insert into t values (1)", "outside the subset"),
        "an ANSI join": ("select a from t join u on t.a = u.a", "outside the subset"),
        "a function in CREATE": ("create function f return number is begin return 1; end;", "PLS"),
        "a trigger": ("create trigger x before insert on t begin null; end;", "PLS-00103"),
        "TRUNCATE": ("truncate table t", "outside the subset"),
        "a semicolon in a SQL statement": ("select dummy from dual;", "end of the statement"),
        "a SQL literal over 4000 bytes": (f"select '{'x' * 4001}' from dual", "ORA-01704"),
    }
)


def refusal(text: str) -> str:
    """What a session says to a statement."""
    with pytest.raises((Refused, PlsqlError)) as caught:
        Database().session().execute(text)
    return str(caught.value)


@pytest.mark.parametrize("fault", BLOCKS)
def test_blocks(fault: str) -> None:
    declarations, statements, message = BLOCKS[fault]
    assert message in refusal(f"declare {declarations} begin {statements} end;")


@pytest.mark.parametrize("fault", PACKAGES)
def test_packages(fault: str) -> None:
    spec, body, message = PACKAGES[fault]
    session = Database().session()
    with pytest.raises((Refused, PlsqlError)) as caught:
        session.execute(SPEC.format(spec))
        session.execute(BODY.format(body))
    assert message in str(caught.value)


@pytest.mark.parametrize("fault", STATEMENTS)
def test_statements(fault: str) -> None:
    text, message = STATEMENTS[fault]
    assert message in refusal(text)


def test_identifiers_of_30_bytes_before_12_2() -> None:
    text = f"declare {'x' * 31} number; begin null; end;"
    Database(version="12.2").session().execute(text)
    with pytest.raises(Refused, match="PLS-00114"):
        Database(version="12.1").session().execute(text)


def test_a_refusal_names_its_line() -> None:
    assert "line 3" in refusal("begin\n  null;\n  l_x := 1;\nend;")


def test_compile_errors_are_only_warned_of_by_oracle() -> None:
    session = Database(strict_compile=False).session()
    session.execute("create or replace package p as procedure q; end p;")
    session.execute("create or replace package body p as procedure q is begin x; end q; end p;")
    ((text,),) = session.query("select text from user_errors where name = 'P'")
    assert "PLS-00201" in text
    status = "select status from user_objects where object_type = 'PACKAGE BODY'"
    assert session.value(status) == "INVALID"
    with pytest.raises((PlsqlError, Refused)):
        session.call_procedure("p.q")
