"""SQL*Plus: how scripts are split, what is refused, how errors end a run.

Source: SQL*Plus User's Guide and Reference 19c, chapters 4, 5 and 12.
"""

from __future__ import annotations

import pytest

from plsql.machine import Database, Session
from plsql.sqlplus import split
from plsql.values import PlsqlError, Refused

HEAD = "set define off\nwhenever sqlerror exit failure rollback\n"


def kinds(text: str) -> list[str]:
    return [command.kind for command in split(text)]


def test_splitting() -> None:
    text = (
        "-- a comment\nrem another\nset define off\nprompt it's; here\n/* and\nso */\n"
        "insert into t (a)\nvalues ('x; y')\n;\nbegin\n  null;\n\n  null;\nend;\n/\n"
        "select 1\nfrom dual\n/\n"
    )
    commands = list(split(text))
    assert [c.kind for c in commands] == ["set", "prompt", "sql", "unit", "sql"]
    assert commands[2].text == "insert into t (a)\nvalues ('x; y')\n"
    assert commands[3].text == "begin\n  null;\n\n  null;\nend;"
    assert [c.line for c in commands] == [3, 4, 7, 10, 16]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("prompt a & b\n", "ampersand"),
        ("set define off\nset define on\nselect '&x' from dual;\n", "ampersand"),
        (f"set define off\nprompt {'x' * 2500}\n", "2499"),
        ("set define off\nselect 1\n\nfrom dual;\n", "blank line"),
        ("set define off\nselect 3 -\n2 from dual;\n", "hyphen"),
        ("set define off\nprompt caf\u00e9\n", "ASCII"),
        ("set define off\nbegin\n null;\nend;\n", "slash"),
        ("set define off\nbegin\n null;\nend;\n /\n", "first column"),
        ("set define off\nbegin\n null;\n.\nend;\n/\n", "full stop"),
        ("set define off\nbegin\n null;\n@x\nend;\n/\n", "begins with @"),
        ("set define off\nselect 'a;\nb' from dual;\n", "inside a string"),
        ("set define off\nselect 1 -- one;\nfrom dual;\n", "comment"),
        ("set define off\nselect 1\nfrom dual", "no end"),
        ("set define off\nselect 1 from dual;\n/\n", "once more"),
        ("set define off\nfoo\n", "SP2-0734"),
        ("set define off\nset colour red\n", "outside the subset"),
        ("whenever sqlerror stop\n", "outside the subset"),
        ("set define off\nprompt a\tb\n", "control"),
    ],
)
def test_refused(text: str, message: str) -> None:
    with pytest.raises(Refused, match=message):
        Database().session().run_script(text)


def started() -> Session:
    session = Database().session()
    session.execute("create table t (n number)")
    return session


FAILING = (
    "insert into t (n) values (1);\nbegin\n  raise_application_error(-20001, 'no');\nend;\n/\n"
)
LATER = "insert into t (n) values (2);\n"


def test_exit_rolls_back_and_says_so() -> None:
    session = started()
    outcome = session.run_script(HEAD + FAILING + LATER, stop=False)
    assert (outcome.failed, outcome.statements) == (True, 1)
    assert session.value("select count(*) from t") == 0
    with pytest.raises(PlsqlError, match="ORA-20001: no"):
        session.run_script(HEAD + FAILING)


def test_without_whenever_it_goes_on_and_commits() -> None:
    session = started()
    outcome = session.run_script("set define off\n" + FAILING + LATER, stop=False)
    assert (outcome.failed, len(outcome.errors)) == (False, 1)
    session.rollback()
    assert session.value("select count(*) from t") == 2


def test_exit_success_is_no_failure() -> None:
    session = started()
    text = "set define off\nwhenever sqlerror exit success rollback\n" + FAILING + LATER
    assert session.run_script(text).failed is False
    assert session.value("select count(*) from t") == 0


def test_exit_without_a_word_commits() -> None:
    session = started()
    session.run_script("set define off\nwhenever sqlerror exit failure\n" + FAILING, stop=False)
    session.rollback()
    assert session.value("select count(*) from t") == 1


def test_continue_after_exit() -> None:
    session = started()
    session.run_script(HEAD + "whenever sqlerror continue\n" + FAILING + LATER, stop=False)
    assert session.value("select count(*) from t") == 2


def test_output_is_printed_in_order() -> None:
    session = started()
    outcome = session.run_script(
        HEAD
        + "prompt one\nbegin\n  dbms_output.put_line('two');\nend;\n/\nselect 'three' from dual;\n"
    )
    assert outcome.printed == ["one", "two", "three"]


def test_a_comment_line_after_a_statement_is_no_statement() -> None:
    assert kinds("set define off\ncommit;\n-- end\n") == ["set", "sql"]
