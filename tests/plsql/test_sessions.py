"""Packages, sessions, transactions, users: state, recompilation, rollback, rights, counters."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

from plsql.machine import Cursor, Database, Session
from plsql.values import PlsqlError, Refused

COUNTER = (
    "create or replace package counter as function next return pls_integer; end counter;",
    """create or replace package body counter as
  g_n pls_integer := 0;
  function next return pls_integer is
  begin
    g_n := g_n + 1;
    return g_n;
  end next;
end counter;""",
)


def with_counter(database: Database) -> Session:
    session = database.session()
    for text in COUNTER:
        session.execute(text)
    return session


def raised(code: int, session: Session, text: str, binds: object = None) -> PlsqlError:
    with pytest.raises(PlsqlError) as caught:
        session.execute(text, binds)
    assert caught.value.code == code
    return caught.value


# PL/SQL Language Reference 19c, 10.5 and 10.6


def test_each_session_has_its_own_state() -> None:
    database = Database()
    one = with_counter(database)
    two = database.session()
    assert [one.call("counter.next"), one.call("counter.next"), two.call("counter.next")] == [
        1,
        2,
        1,
    ]


def test_a_recompiled_package_raises_once_where_there_was_state() -> None:
    database = Database()
    one = with_counter(database)
    two = database.session()
    assert one.call("counter.next") == 1
    two.execute(COUNTER[1])
    assert two.call("counter.next") == 1
    with pytest.raises(PlsqlError) as caught:
        one.call("counter.next")
    assert caught.value.code == -4068
    assert one.call("counter.next") == 1


def test_a_package_without_state_is_recompiled_unseen() -> None:
    database = Database()
    session = database.session()
    session.execute("create or replace package p as function f return number; end p;")
    body = "create or replace package body p as function f return number is begin return {}; end f;"
    session.execute(body.format(1) + " end p;")
    assert session.call("p.f") == 1
    session.execute(body.format(2) + " end p;")
    assert session.call("p.f") == 2


def test_a_statement_that_ran_means_what_its_names_mean_now() -> None:
    """Compiled statements are kept: another package, a package in front of a public synonym, and a
    right that was taken away are seen all the same; a package that it does not name is not."""
    database = Database()
    session, owner = database.session(), database.session("other")
    package = "create or replace package {} as c constant pls_integer := {}; end {};"
    text = "begin :r := p.c; end;"

    def value() -> int:
        result = session.variable("pls_integer")
        session.execute(text, {"r": result})
        return int(result.value)

    owner.execute(package.format("p", 1, "p"))
    owner.execute("grant execute on p to owner")
    database.session(database.dba()).execute("create public synonym p for other.p")
    assert value() == value() == 1
    kept = [item for (known, *_), item in database.compiled.items() if known == text]
    session.execute(package.format("q", 5, "q"))
    assert value() == 1
    assert [item for (known, *_), item in database.compiled.items() if known == text] == kept
    owner.execute(package.format("p", 2, "p"))
    assert value() == 2
    session.execute(package.format("p", 3, "p"))
    assert value() == 3
    session.execute("drop package p")
    assert value() == 2
    owner.execute("revoke execute on p from owner")
    raised(-6550, session, text, {"r": session.variable("pls_integer")})


def test_a_changed_specification_invalidates_those_that_use_it() -> None:
    database = Database()
    session = database.session()
    session.execute("create or replace package a as gc constant pls_integer := 1; end a;")
    session.execute("create or replace package b as function f return pls_integer; end b;")
    session.execute(
        "create or replace package body b as function f return pls_integer is begin"
        " return a.gc; end f; end b;"
    )
    assert session.call("b.f") == 1
    session.execute("create or replace package a as gc constant pls_integer := 2; end a;")
    assert session.call("b.f") == 2
    session.execute("create or replace package a as gd constant pls_integer := 2; end a;")
    with pytest.raises(Refused, match="PLS-00302"):
        session.call("b.f")


def test_the_initialization_runs_once_in_a_session() -> None:
    database = Database()
    session = database.session()
    session.execute("create table t (n number)")
    session.execute("create or replace package p as function f return number; end p;")
    session.execute(
        "create or replace package body p as g number; function f return number is begin"
        " return g; end f; begin select n into g from t; end p;"
    )
    with pytest.raises(PlsqlError) as caught:
        session.call("p.f")
    assert caught.value.code == -1403
    with pytest.raises(Refused, match="differs between versions"):
        session.call("p.f")
    session.execute("insert into t (n) values (5)")
    session.commit()
    session = database.session()
    assert session.call("p.f") == 5
    session.execute("update t set n = 6")
    assert session.call("p.f") == 5


def test_a_synonym_switches_between_packages_without_a_word() -> None:
    session = with_counter(Database())
    session.execute(
        "create or replace package other as function next return pls_integer; end other;"
    )
    session.execute(
        "create or replace package body other as function next return pls_integer is begin"
        " return -1; end next; end other;"
    )
    session.execute("create or replace synonym s for counter")
    assert session.query("select s.next from dual") == [(1,)]
    session.execute("create or replace synonym s for other")
    assert session.query("select s.next from dual") == [(-1,)]


# Database Concepts 19c, Transactions


def table_of(*numbers: int) -> Session:
    session = Database().session()
    session.execute("create table t (n number not null, constraint t_key primary key (n))")
    for number in numbers:
        session.execute("insert into t (n) values (:1)", [number])
    return session


def numbers(session: Session) -> list[int]:
    return [int(n) for (n,) in session.query("select n from t order by n")]


def test_rollback_and_commit() -> None:
    session = table_of(1)
    session.commit()
    session.execute("insert into t (n) values (2)")
    session.execute("update t set n = 10 where n = 1")
    session.execute("update t set n = 11 where n = 10")
    session.execute("delete from t where n = 2")
    assert numbers(session) == [11]
    session.rollback()
    assert numbers(session) == [1]


def test_ddl_commits_before_it_runs_even_if_it_fails() -> None:
    session = table_of(1)
    raised(-955, session, "create table t (n number)")
    session.rollback()
    assert numbers(session) == [1]


def test_others_see_only_what_is_committed() -> None:
    session = table_of(1)
    session.commit()
    other = session.database.session()
    session.execute("update t set n = 5")
    session.execute("insert into t (n) values (6)")
    assert (numbers(session), numbers(other)) == ([5, 6], [1])
    with pytest.raises(Refused, match="locked"):
        other.execute("delete from t")
    session.commit()
    assert numbers(other) == [5, 6]


def test_a_failing_statement_leaves_nothing_and_keeps_the_transaction() -> None:
    session = table_of(1, 2)
    raised(-1, session, "update t set n = 3")
    raised(-1, session, "begin insert into t (n) values (7); update t set n = 8 where n = 7;"
           " insert into t (n) values (1); end;")  # fmt: skip
    assert numbers(session) == [1, 2]
    session.execute(
        "begin insert into t (n) values (3); begin insert into t (n) values (1);"
        " exception when dup_val_on_index then null; end; end;"
    )
    assert numbers(session) == [1, 2, 3]


def test_constraints() -> None:
    session = Database().session()
    session.execute(
        "create table p (a number(3, 1), b varchar2(3), c number default 7 not null,"
        " constraint p_key primary key (a), constraint p_check check (a > 0 or b is null))"
    )
    session.execute("insert into p (a, b) values (1.26, 'abc')")
    assert session.query("select a, b, c from p") == [(Decimal("1.3"), "abc", Decimal(7))]
    raised(-1438, session, "insert into p (a) values (100)")
    raised(-12899, session, "insert into p (a, b) values (2, 'abcd')")
    raised(-1400, session, "insert into p (a, c) values (2, null)")
    raised(-1400, session, "insert into p (b) values ('x')")
    raised(-2290, session, "insert into p (a, b) values (-1, 'x')")
    session.execute("insert into p (a) values (-1)")
    session.execute("create table c (a number(3, 1), foreign key (a) references p (a))")
    session.execute("insert into c (a) values (-1)")
    raised(-2291, session, "insert into c (a) values (50)")
    raised(-2292, session, "delete from p")
    raised(-2449, session, "drop table p")


def test_faults_come_before_or_after_the_effect() -> None:
    session = table_of(1)
    session.commit()
    session.database.fail_statement(2, -3113)
    session.execute("insert into t (n) values (2)")
    raised(-3113, session, "insert into t (n) values (3)")
    session.database.fail_statement(1, -20001, "text", after=True)
    assert raised(-20001, session, "insert into t (n) values (4)").message == "text"
    assert numbers(session) == [1, 2, 4]


# Database Security Guide 19c, privileges and definer's rights


def test_rights() -> None:
    database = Database()
    owner = database.session("owner")
    owner.execute("create table t (n number)")
    owner.execute("insert into t (n) values (4)")
    owner.execute("create or replace package p as function f return number; end p;")
    owner.execute(
        "create or replace package body p as function f return number is l number; begin"
        " select n into l from t; return l; end f; end p;"
    )
    owner.execute("create or replace synonym s for p")
    owner.commit()
    user = database.session("app")
    raised(-6550, user, "begin dbms_output.put_line(to_char(owner.p.f)); end;")
    owner.execute("grant execute on s to app")
    assert user.call("owner.p.f") == 4
    assert user.query("select owner.s.f from dual") == [(4,)]
    raised(-942, user, "select n from owner.t")
    owner.execute("grant select on t to app")
    assert user.query("select n from owner.t") == [(4,)]
    raised(-1031, user, "delete from owner.t")
    owner.execute("revoke execute on p from app")
    raised(-6550, user, "begin dbms_output.put_line(to_char(owner.p.f)); end;")
    raised(-1917, owner, "grant select on t to nobody")


def test_a_role_counts_for_statements_and_not_in_stored_code() -> None:
    database = Database()
    owner = database.session("owner")
    owner.execute("create table t (n number)")
    database.role("scorers")
    owner.execute("grant select on t to scorers")
    database.user("app", roles=["scorers"])
    user = database.session("app")
    assert user.query("select count(*) from owner.t") == [(0,)]
    user.execute("create or replace package p as function f return number; end p;")
    with pytest.raises((Refused, PlsqlError), match=r"ORA-01031|ORA-00942"):
        user.execute(
            "create or replace package body p as function f return number is l number; begin"
            " select count(*) into l from owner.t; return l; end f; end p;"
        )


# PL/SQL Language Reference 19c, 12.5 and 6.4


ROWS = (
    """create or replace package rows_of as
  type t_row is record (id number, twice binary_double);
  type t_rows is table of t_row;
  function doubled(p_rows in sys_refcursor, p_limit in pls_integer default 2) return t_rows
    pipelined parallel_enable (partition p_rows by any);
  function needed return pls_integer;
end rows_of;""",
    """create or replace package body rows_of as
  type t_ids is table of number;
  type t_values is table of binary_double;
  g_stopped pls_integer := 0;
  function needed return pls_integer is
  begin
    return g_stopped;
  end needed;
  function doubled(p_rows in sys_refcursor, p_limit in pls_integer default 2) return t_rows
    pipelined parallel_enable (partition p_rows by any)
  is
    l_ids t_ids;
    l_values t_values;
    l_row t_row;
  begin
    loop
      fetch p_rows bulk collect into l_ids, l_values limit p_limit;
      exit when l_ids.count = 0;
      for i in 1 .. l_ids.count loop
        l_row.id := l_ids(i);
        l_row.twice := 1d / l_values(i) * 0d + l_values(i) * 2d;
        pipe row (l_row);
      end loop;
    end loop;
    close p_rows;
    return;
  exception
    when no_data_needed then
      g_stopped := g_stopped + 1;
      close p_rows;
      raise;
  end doubled;
end rows_of;""",
)


def with_rows() -> Session:
    session = Database().session()
    for text in ROWS:
        session.execute(text)
    return session


def test_a_pipelined_function_gives_rows_and_closes_its_cursor() -> None:
    session = with_rows()
    found = session.select_table_function("rows_of.doubled", [(i, i / 4) for i in range(1, 6)])
    assert found == [(i, i / 2) for i in range(1, 6)]
    assert session.open_cursors == []
    assert session.call("rows_of.needed") == 0


def test_a_consumer_that_stops_early_raises_no_data_needed() -> None:
    session = with_rows()
    rows = [(i, 1.0) for i in range(1, 6)]
    found = session.select_table_function("rows_of.doubled", rows, stop_after=3)
    assert [row[0] for row in found] == [1, 2, 3]
    assert session.open_cursors == []
    assert session.call("rows_of.needed") == 1


def test_an_exception_in_the_middle_leaves_the_cursor_open() -> None:
    session = with_rows()
    with pytest.raises(PlsqlError) as caught:
        session.select_table_function("rows_of.doubled", [(1, 1.0), (2, "x")])
    assert caught.value.code == -932
    assert len(session.open_cursors) == 1


def test_a_cursor_with_other_columns_and_a_limit_of_zero() -> None:
    session = with_rows()
    for rows, limit, code in (([(1,)], 2, -6504), ([(1, 1.0)], 0, -6502)):
        with pytest.raises(PlsqlError) as caught:
            session.select_table_function("rows_of.doubled", rows, p_limit=limit)
        assert caught.value.code == code


def test_rows_of_a_query_go_through_a_pipelined_function() -> None:
    session = with_rows()
    session.execute("create table x (id number, v binary_float)")
    session.execute(
        "begin for i in 1 .. 4 loop insert into x (id, v) values (i, i); end loop; end;"
    )
    text = (
        "select r.id, r.twice from table(rows_of.doubled(cursor(select id, v from x where id > 1)))"
        " r where r.id < 4 order by r.id desc"
    )
    assert session.query(text) == [(3, 6.0), (2, 4.0)]


def test_dml_in_a_function_of_a_query() -> None:
    session = table_of(1)
    session.execute("create or replace package p as function f return number; end p;")
    session.execute(
        "create or replace package body p as function f return number is begin"
        " insert into t (n) values (9); return 1; end f; end p;"
    )
    with pytest.raises(PlsqlError) as caught:
        session.query("select p.f from dual")
    assert caught.value.code == -14551
    assert session.call("p.f") == 1


def test_no_data_found_in_a_function_of_a_query_is_null() -> None:
    # SQL takes ORA-01403 of a function for "no row": 11.4, table 11-3.
    session = Database().session()
    session.execute("create or replace package p as function f return number; end p;")
    session.execute(
        "create or replace package body p as function f return number is begin"
        " raise no_data_found; end f; end p;"
    )
    assert session.query("select p.f from dual") == [(None,)]
    with pytest.raises(PlsqlError):
        session.call("p.f")


def test_fetching_and_closing_cursors() -> None:
    session = Database().session()
    session.execute(
        "begin declare c sys_refcursor; n number; begin open c for select 5 x from dual;"
        " fetch c into n; dbms_output.put_line(to_char(n)); if c%found then"
        " dbms_output.put_line('found'); end if; fetch c into n; if c%notfound then"
        " dbms_output.put_line('none ' || c%rowcount); end if; close c; if not c%isopen then"
        " dbms_output.put_line('closed'); end if; begin fetch c into n; exception when"
        " invalid_cursor then dbms_output.put_line('invalid'); end; end; end;"
    )
    assert session.output == ["5", "found", "none 1", "closed", "invalid"]
    session.execute("declare c sys_refcursor; begin open c for select 1 x from dual; end;")
    assert len(session.open_cursors) == 1
    assert isinstance(session.open_cursors[0], Cursor)


# Counters


def test_counters() -> None:
    session = Database().session()
    text = (
        "declare x utl_nla_array_flt := utl_nla_array_flt(1f, 2f); n pls_integer := 0; begin"
        " for i in 1 .. 3 loop utl_nla.blas_scal(n => 2, alpha => 2f, x => x, incx => 1);"
        " for j in 1 .. 4 loop n := n + 1; end loop; end loop;"
        " while n > 10 loop n := n - 1; end loop; loop n := n - 1; exit when n = 8; end loop;"
        " for i in 1 .. 10 loop exit when i = 3; end loop; for i in 5 .. 4 loop n := 0; end loop;"
        " for r in (select dummy from dual) loop n := 1; end loop; end;"
    )
    session.execute(text)
    assert dict(session.nla_calls) == {"BLAS_SCAL": 3}
    assert session.loop_iterations == 3 + 12 + 2 + 2 + 3 + 0 + 1
    session.reset_counters()
    assert (dict(session.nla_calls), session.loop_iterations) == ({}, 0)


def test_values_go_in_and_out() -> None:
    session = Database().session()
    session.execute(
        "create or replace package p as function total(p_x utl_nla_array_flt) return binary_double;"
        " procedure split(p_x in binary_double, p_whole out pls_integer, p_rest out binary_double);"
        " function same(p_x utl_nla_array_dbl) return utl_nla_array_dbl; end p;"
    )
    session.execute(
        """create or replace package body p as
  function total(p_x utl_nla_array_flt) return binary_double is
    l_sum binary_double := 0d;
  begin
    if p_x is null then
      return null;
    end if;
    for i in 1 .. p_x.count loop
      l_sum := l_sum + p_x(i);
    end loop;
    return l_sum;
  end total;
  procedure split(p_x in binary_double, p_whole out pls_integer, p_rest out binary_double) is
  begin
    p_whole := floor(p_x);
    p_rest := p_x - to_binary_double(p_whole);
  end split;
  function same(p_x utl_nla_array_dbl) return utl_nla_array_dbl is
  begin
    return p_x;
  end same;
end p;"""
    )
    assert session.call("p.total", [1.5, 2.5]) == 4.0
    assert session.call("p.total", np.array([0.1], np.float32)) == float(np.float32(0.1))
    assert session.call("p.total", p_x=[]) == 0.0
    assert session.call("p.total", None) is None
    assert session.call("p.total", [1.0, None]) is None
    assert list(session.call("p.same", np.array([0.1, 2.0]))) == [0.1, 2.0]
    whole, rest = session.variable("pls_integer"), session.variable("binary_double")
    session.call_procedure("p.split", 3.25, whole, rest)
    assert (whole.value, rest.value) == (3, 0.25)
    with pytest.raises(PlsqlError, match="PLS-00306"):
        session.call("p.total", 1.5, 2.5)


def test_a_read_only_transaction_writes_nothing() -> None:
    """SQL Language Reference 19c, SET TRANSACTION: it comes first, and COMMIT ends it."""
    session = Database().session()
    session.execute("create table t (n number)")
    session.execute("insert into t (n) values (1)")
    with pytest.raises(PlsqlError, match="ORA-01453"):
        session.execute("set transaction read only")
    session.commit()
    session.execute("set transaction read only")
    assert session.query("select n from t") == [(1,)]
    for statement in ("insert into t (n) values (2)", "update t set n = 2", "delete from t"):
        with pytest.raises(PlsqlError, match="ORA-01456"):
            session.execute(statement)
    session.commit()
    session.execute("delete from t")
    assert session.query("select n from t") == []


def test_the_text_of_a_package_is_kept() -> None:
    session = Database().session()
    session.execute("create or replace package p is\n  c constant number := 1;\nend p;")
    rows = session.query("select line, text from user_source where name = 'P' order by line")
    assert rows == [(1, "package p is\n"), (2, "  c constant number := 1;\n"), (3, "end p;")]
    session.execute("drop package p")
    assert session.query("select line from user_source") == []
