"""Rules of the SQL Language Reference 19c for the statements of the subset."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import pytest

from plsql.machine import Database, Session
from plsql.values import PlsqlError, Refused


@pytest.fixture
def session() -> Session:
    """Three animals and their sounds."""
    session = Database().session()
    session.execute(
        "create table pets (id number, name varchar2(10), legs number, weight binary_double)"
    )
    session.execute("create table sounds (pet number, sound varchar2(10))")
    for pet in [(1, "cat", 4, 3.5), (2, "hen", 2, None), (3, "dog", 4, 20.5)]:
        session.execute("insert into pets (id, name, legs, weight) values (:1, :2, :3, :4)", pet)
    for row in [(1, "meow"), (3, "woof"), (3, "grr")]:
        session.execute("insert into sounds (pet, sound) values (:1, :2)", row)
    return session


QUERIES: Mapping[str, list[tuple[object, ...]]] = MappingProxyType(
    {
        "select name from pets where legs = 4 order by name desc": [("dog",), ("cat",)],
        "select p.name, p.legs * 2 as pairs from pets p where p.id = 2": [("hen", 4)],
        # ROWNUM counts what passes WHERE, before an ORDER BY outside.
        "select rownum, s.sound from sounds s where s.pet = 3": [(1, "woof"), (2, "grr")],
        "select o.n, o.id from (select rownum n, p.id from"
        " (select id from pets order by id desc) p) o where o.n <> 2": [(1, 3), (3, 1)],
        "select * from sounds where pet = 1": [(1, "meow")],
        "select s.* from sounds s, pets p where p.id = s.pet and p.name = 'cat'": [(1, "meow")],
        # NULL: a comparison with it is never true, ORDER BY puts it last, or first in DESC.
        "select id from pets where weight > 0d order by id": [(1,), (3,)],
        "select id from pets where not (weight > 0d)": [],
        "select id from pets order by weight": [(1,), (3,), (2,)],
        "select id from pets order by weight desc": [(2,), (3,), (1,)],
        "select id from pets order by weight desc nulls last": [(3,), (1,), (2,)],
        "select id from pets order by 1 desc": [(3,), (2,), (1,)],
        "select name as n from pets order by n": [("cat",), ("dog",), ("hen",)],
        # Aggregates leave NULL out; without rows COUNT is 0 and the others NULL.
        "select count(*), count(weight), sum(legs), min(name), max(weight) from pets": [
            (3, 2, 10, "cat", 20.5)
        ],
        "select count(*), sum(legs), max(name) from pets where id > 9": [(0, None, None)],
        "select legs, count(*) from pets group by legs order by legs": [(2, 1), (4, 2)],
        "select legs from pets where id > 9 group by legs": [],
        "select legs, count(*) n from pets group by legs having count(*) > 1": [(4, 2)],
        "select count(distinct legs) from pets": [(2,)],
        "select distinct legs from pets order by legs": [(2,), (4,)],
        "select avg(legs) from pets where legs = 4": [(4,)],
        # Subqueries
        "select name from pets p where exists (select 1 from sounds s where s.pet = p.id)"
        " order by name": [("cat",), ("dog",)],
        "select name from pets where id in (select pet from sounds) order by 1": [
            ("cat",),
            ("dog",),
        ],
        "select name from pets where id not in (select pet from sounds)": [("hen",)],
        "select name, (select count(*) from sounds s where s.pet = p.id) from pets p order by id": [
            ("cat", 1),
            ("hen", 0),
            ("dog", 2),
        ],
        "select n.name from (select name, legs from pets where legs < 4) n": [("hen",)],
        "select 1 from dual union all select 2 from dual": [(1,), (2,)],
        # Functions and conditions
        "select decode(legs, 2, 'two', 4, 'four', 'many') from pets where id < 3 order by id": [
            ("four",),
            ("two",),
        ],
        "select decode(null, null, 1, 0) from dual": [(1,)],
        "select nvl2(weight, 'known', 'unknown') from pets order by id": [
            ("known",),
            ("unknown",),
            ("known",),
        ],
        "select case when legs > 2 then upper(name) else name end from pets where id = 1": [
            ("CAT",)
        ],
        "select name from pets where name like '%o_'": [("dog",)],
        "select name from pets where id between 2 and 3 and legs <> 4": [("hen",)],
        "select rawtohex(standard_hash('abc', 'MD5')) from dual": [
            ("900150983CD24FB0D6963F7D28E17F72",)
        ],
        "select 1 / 4 + 0.25 from dual": [(0.5,)],
        "select cast('abc' as varchar2(10)) || 1 from dual": [("abc1",)],
    }
)


@pytest.mark.parametrize("text", QUERIES)
def test_queries(session: Session, text: str) -> None:
    assert session.query(text) == QUERIES[text]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("select name from pets p, sounds where name = sond", -6550),
        ("select id from pets, pets", -918),
        ("select name, count(*) from pets", -979),
        ("select (select name from pets) from dual", -1427),
        ("select nothing from nowhere", -942),
        ("select sum(legs) from pets where count(*) > 1", -934),
        ("insert into pets (id, no_such) values (1, 2)", -904),
        ("insert into pets (id, id) values (1, 2)", -957),
        ("update pets set no_such = 1", -904),
        ("update user_tables set table_name = 'X'", -1732),
        ("drop table nowhere", -942),
        ("drop synonym nowhere", -1434),
        ("drop package nowhere", -4043),
        ("create table pets (a number)", -955),
        ("create or replace synonym pets for sounds", -955),
        ("select :1 from dual", -1008),
        ("insert into pets (id) values (1 / 0)", -1476),
        ("select data from pets", -6550),
    ],
)
def test_errors(session: Session, text: str, code: int) -> None:
    with pytest.raises(PlsqlError) as caught:
        session.query(text)
    assert caught.value.code == code


def test_changes_count_their_rows(session: Session) -> None:
    session.execute(
        "begin update pets set legs = legs + 1 where legs = 4;"
        " dbms_output.put_line(to_char(sql%rowcount));"
        " delete from pets p where p.legs = 5; dbms_output.put_line(to_char(sql%rowcount));"
        " delete from pets where id = 77; if sql%notfound then dbms_output.put_line('none');"
        " end if; insert into pets (id, name) select pet, sound from sounds where pet = 3;"
        " dbms_output.put_line(to_char(sql%rowcount)); end;"
    )
    assert session.output == ["2", "2", "none", "2"]


def test_merge(session: Session) -> None:
    text = (
        "merge into pets p using (select :1 as id, :2 as name from dual) s on (p.id = s.id)"
        " when matched then update set name = s.name"
        " when not matched then insert (id, name) values (s.id, s.name)"
    )
    session.execute(text, [2, "duck"])
    session.execute(text, [4, "fox"])
    names = session.query("select id, name from pets order by id")
    assert names == [(1, "cat"), (2, "duck"), (3, "dog"), (4, "fox")]


def test_a_column_hides_a_variable_of_its_name(session: Session) -> None:
    # PL/SQL Language Reference 19c, B.1: in SQL a column comes before a variable.
    session.execute(
        "declare legs number := 2; l number; begin select count(*) into l from pets where legs ="
        " legs; dbms_output.put_line(to_char(l)); end;"
    )
    assert session.output == ["3"]


def test_a_loop_reads_what_was_there_when_it_began(session: Session) -> None:
    # Database Concepts 19c, statement-level read consistency; the bind too is that of the opening.
    session.execute(
        "declare l number := 0; begin for r in (select id from pets where id > l) loop"
        " l := 9; insert into pets (id) values (r.id + 10); end loop; end;"
    )
    assert session.value("select count(*) from pets") == 6


def test_bulk_collect_into_columns_and_records(session: Session) -> None:
    session.execute(
        """declare
  type t_names is table of varchar2(10);
  type t_row is record (id number, name varchar2(10));
  type t_rows is table of t_row index by pls_integer;
  l_names t_names := t_names('old');
  l_rows t_rows;
  l_row t_row;
begin
  select name bulk collect into l_names from pets order by id;
  dbms_output.put_line(l_names(1) || l_names.count);
  select id, name bulk collect into l_rows from pets order by id desc;
  dbms_output.put_line(l_rows(1).name || l_rows(3).id);
  select name bulk collect into l_names from pets where id > 9;
  dbms_output.put_line(to_char(l_names.count));
  select id, name into l_row from pets where id = 2;
  dbms_output.put_line(l_row.name);
end;"""
    )
    assert session.output == ["cat3", "dog1", "0", "hen"]


def test_execute_immediate(session: Session) -> None:
    session.execute(
        """declare
  l_n number;
  l_name varchar2(10);
begin
  execute immediate 'select count(*) from pets where legs = :1 and id < :2' into l_n using 4, 3;
  dbms_output.put_line(to_char(l_n));
  execute immediate 'select name, id from pets where id = :x' into l_name, l_n using 2;
  dbms_output.put_line(l_name);
  execute immediate 'create table made (a number)';
  execute immediate 'insert into made (a) values (:1)' using 5;
  begin
    execute immediate 'select id from no_such' into l_n;
  exception
    when others then
      dbms_output.put_line(to_char(sqlcode));
  end;
end;"""
    )
    assert session.output == ["1", "hen", "-942"]
    assert session.query("select a from made") == [(5,)]
    with pytest.raises(PlsqlError) as caught:
        session.execute("begin execute immediate 'drop table made;'; end;")
    assert caught.value.code == -911


def test_varray_columns_hold_copies() -> None:
    session = Database().session()
    session.execute(
        "create table w (n number, data utl_nla_array_flt) varray data store as lob w_data"
    )
    with pytest.raises(PlsqlError, match="ORA-00955"):  # the segment's name is taken
        session.execute("create table v (data utl_nla_array_flt) varray data store as lob w_data")
    session.execute(
        "declare a utl_nla_array_flt := utl_nla_array_flt(1f, 2f); begin"
        " insert into w (n, data) values (1, a); a(1) := 9f; insert into w (n) values (2); end;"
    )
    session.execute(
        "declare a utl_nla_array_flt; begin select data into a from w where n = 1; a(2) := 7f; end;"
    )
    rows = session.query("select data from w order by n")
    assert list(rows[0][0].a) == [1.0, 2.0]
    assert rows[1] == (None,)
    session.execute("update w set data = :1 where n = 2", [[3.0]])
    assert list(session.value("select data from w where n = 2").a) == [3.0]


def test_views_and_dictionary(session: Session) -> None:
    session.execute("create or replace view v as select name, legs from pets where legs > 2")
    assert session.query("select count(*) from v") == [(2,)]
    names = session.query("select table_name from user_tables order by table_name")
    assert names == [("PETS",), ("SOUNDS",)]
    session.execute("comment on table pets is 'all of them'")
    text = "select comments from user_tab_comments where table_name = 'PETS'"
    assert session.value(text) == "all of them"
    with pytest.raises(PlsqlError):
        session.execute("insert into v (name) values ('x')")


def test_constants_of_packages_are_unknown_to_sql() -> None:
    session = Database().session()
    session.execute("create or replace package p as gc constant number := 1; end p;")
    with pytest.raises(PlsqlError, match="ORA-06553"):
        session.query("select p.gc from dual")
    session.execute("begin dbms_output.put_line(to_char(p.gc)); end;")
    assert session.output == ["1"]


def test_a_boolean_is_no_sql_value() -> None:
    session = Database().session()
    session.execute("create or replace package p as function f return boolean; end p;")
    session.execute(
        "create or replace package body p as function f return boolean is begin return true;"
        " end f; end p;"
    )
    with pytest.raises((PlsqlError, Refused), match="BOOLEAN"):
        session.query("select p.f from dual")
