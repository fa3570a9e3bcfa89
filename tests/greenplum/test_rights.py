"""What a role that may score, and nothing else, reads on segments: attacks before and after REVOKE.

Segments check no rights on tables. The role below may connect and use the model's schema.
"""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import pytest
from click.testing import CliRunner
from database.networks import deploy_model, query, write_sequential
from greenplum_server import GreenplumServer, run
from psycopg2.extensions import make_dsn

from exporter.cli import command
from exporter.databases.greenplum.segments import revoke_script
from exporter.databases.postgres.doctor import examine

XML = "query_to_xml(text, boolean, boolean, text)"
QUALIFIED = "pg_catalog.query_to_xml(text, boolean, boolean, text)"
ON_SEGMENTS = "from gp_dist_random('gp_id')"
# Text that differs by row as far as the planner knows: a STABLE function of constants runs on the
# coordinator, where rights are checked.
VARIES = "|| left(gp_segment_id::text, 0)"
WEIGHTS = "select encode(substr(data, 1, 64), 'hex') as w from export_model.chunks"
TABLE = f"({WEIGHTS}) t"
VECTOR = f"select to_tsvector('simple', 'x' || w) from {TABLE}"
REWRITE = f"select 'a'::tsquery, quote_literal(w)::tsquery from {TABLE}"
ROWS = f"select w as k, 1 as a, 1 as b, 1 as c from {TABLE}"

# Each gives the weights, or an error that holds them.
BUILT_IN = {
    "query_to_xml": f"select query_to_xml($${WEIGHTS}$$, true, false, '') {ON_SEGMENTS}",
    "query_to_xml_and_xmlschema": "select query_to_xml_and_xmlschema("
    f"$${WEIGHTS}$$, true, false, '') {ON_SEGMENTS}",
    "table_to_xml": f"select table_to_xml(('export_model.chunks' {VARIES})::regclass, true, false,"
    f" '') {ON_SEGMENTS}",
    "table_to_xml_and_xmlschema": "select table_to_xml_and_xmlschema(('export_model.chunks'"
    f" {VARIES})::regclass, true, false, '') {ON_SEGMENTS}",
    "ts_stat": f"select ts_stat($${VECTOR}$$)::text {ON_SEGMENTS}",
    "ts_stat with weights": f"select ts_stat($${VECTOR}$$, 'd')::text {ON_SEGMENTS}",
    "ts_rewrite": f"select ts_rewrite('a'::tsquery, $${REWRITE}$$)::text {ON_SEGMENTS}",
}
OF_EXTENSIONS = {
    "tablefunc": {
        "crosstab": "select (select string_agg(row_name, '') from crosstab2("
        f"$$select w, w, w from {TABLE}$$ {VARIES})) {ON_SEGMENTS}",
        "crosstab of two queries": "select (select string_agg(r, '') from crosstab("
        f"$$select w, 'x', w from {TABLE}$$ {VARIES}, 'select $$x$$') as t (r text, x text))"
        f" {ON_SEGMENTS}",
        "connectby": "select (select string_agg(keyid, '') from connectby("
        f"$$(select w, 'r'::text as p from {TABLE}) q$$ {VARIES}, 'w', 'p', 'r', 1)"
        f" as t (keyid text, parent text, level int)) {ON_SEGMENTS}",
    },
    "xml2": {
        "xpath_table": "select (select string_agg(k, '') from xpath_table('w', $$'<a/>'$$,"
        f" $${TABLE}$$ {VARIES}, '/a', 'true') as t (k text, a text)) {ON_SEGMENTS}",
    },
}
OF_THE_MODEL = {
    "score_table": f"select (select max(key) from secret.score_table($${ROWS}$$ {VARIES}, 'k'))"
    f" {ON_SEGMENTS}",
    "score_source": "select (select max(s.key) from export_model.score_source(secret.scorer(),"
    f" 'score', $${ROWS}$$ {VARIES}, 'k', null::real) s) {ON_SEGMENTS}",
    "source": "select export_model.source($$select 1 as k) s where false)), (select"
    f" w::integer::oid::regtype from {TABLE}), pg_typeof((select s.k from (select 1 as k$$"
    f" {VARIES}, 'k', secret.scorer() -> 'inputs') {ON_SEGMENTS}",
    "check_key": "select export_model.check_key('x', 'w', $$(select w from"
    f" {TABLE} union all {WEIGHTS})$$ {VARIES}) {ON_SEGMENTS}",
    "group_query": "select export_model.group_query('x', 'score', jsonb_build_object('from_item',"
    f" $$(select w::integer as k, 1 as p from {TABLE})$$, 'row_item', 's.p', 'held_item', 's.k',"
    f" 'held_type', 'integer'), 's.k > 0', 0, 1, 'real') {ON_SEGMENTS}",
    "session_query": f"select export_model.session_query($${WEIGHTS}$$ {VARIES}, 'real')"
    f" {ON_SEGMENTS}",
    "keep_batches": f"select export_model.keep_batches($${WEIGHTS}$$ {VARIES}) {ON_SEGMENTS}",
    "count_parts": "select export_model.count_parts(jsonb_build_object('from_item',"
    f" $$(select w::integer as k from {TABLE})$$, 'condition', 's.k > 0')) {ON_SEGMENTS}",
    "score_rows": "select (export_model.score_rows($$(select w as scores, w as labels, 0 as place,"
    f" null::text as problem from {TABLE}) r --$$ {VARIES}, 'score', array['a'], '')).scores"
    f" {ON_SEGMENTS}",
    "score_group": "select export_model.score_group($$(select array[w]::text as scores,"
    f" array[w]::text as labels, 0 as place, null::text as problem from {TABLE}) r --$$ {VARIES},"
    f" 'text', array['a'], '')::text {ON_SEGMENTS}",
}
WRITTEN = (
    "create function {}.read() returns text language sql volatile as"
    f" $$ select string_agg(w, '') from {TABLE} $$; select {{}}.read() {ON_SEGMENTS}"
)


@dataclass(frozen=True)
class Secret:
    """A database with model secret; dsn is of a superuser, analyst of a role that may score."""

    dsn: str
    analyst: str
    weights: bytes

    def is_told_by(self, sql: str) -> bool:
        """Are there weights in what a query gives the analyst, its rows or its error?"""
        try:
            answer = str(query(self.analyst, sql))
        except psycopg2.Error as error:
            answer = str(error)
        return self.weights[:12].hex() in answer or b64encode(self.weights[:12]).decode() in answer


@pytest.fixture(scope="module")
def secret(
    greenplum: GreenplumServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Secret]:
    name = f"export_model_rights_{os.getpid()}"
    role = f"analyst_{os.getpid()}"
    with greenplum.database(name):
        dsn = greenplum.dsn(name)
        run(dsn, "create extension if not exists plpython3u")
        path: Path = tmp_path_factory.mktemp("files") / "m.h5"
        write_sequential(path, [3, 8, 1], ["relu", "sigmoid"])
        deploy_model(dsn, path, "secret", features=["a", "b", "c"])
        run(dsn, f"create role {role} login")
        run(dsn, f"grant usage on schema secret to {role}")
        try:
            ((weights,),) = query(dsn, WEIGHTS)
            yield Secret(dsn, greenplum.dsn(name, role), bytes.fromhex(weights))
        finally:
            run(dsn, f"drop owned by {role}")
            run(dsn, f"drop role {role}")


def has_extension(secret: Secret, name: str) -> bool:
    return bool(query(secret.dsn, f"select 1 from pg_available_extensions where name = '{name}'"))


@pytest.mark.parametrize("attack", OF_THE_MODEL)
def test_functions_of_a_model_read_nothing_for_others(secret: Secret, attack: str) -> None:
    """They run what their caller gives them; on segments that would be without his rights."""
    assert not secret.is_told_by(OF_THE_MODEL[attack])


def test_revoke_takes_the_weights_from_every_role(secret: Secret) -> None:
    """The attacks, then the statements that doctor prints, then the attacks again."""
    ways = {**BUILT_IN, "a function of one's own": WRITTEN.format("pg_temp", "pg_temp")}
    for extension, names in OF_EXTENSIONS.items():
        if has_extension(secret, extension):
            run(secret.dsn, f"create extension {extension}")
            ways |= names
    found = {way for way, sql in ways.items() if secret.is_told_by(sql)}
    assert found == set(ways)

    checks = [check for check in examine(secret.dsn) if check.name == "rights on segments"]
    assert [check.level for check in checks] == ["open", "open"]
    printed = CliRunner().invoke(command, ["doctor", "--dsn", secret.dsn, "--revoke"]).output
    assert all(check.advice in printed for check in checks)
    run(secret.dsn, printed)

    assert {way for way, sql in ways.items() if secret.is_told_by(sql)} == set()
    checks = [check for check in examine(secret.dsn) if check.name == "rights on segments"]
    assert [check.level for check in checks] == ["ok"]
    printed = CliRunner().invoke(command, ["doctor", "--dsn", secret.dsn, "--revoke"]).output
    assert "Nothing is open" in printed
    assert query(secret.analyst, "select secret.score(1, 2, 3) is not null") == [(True,)]


def test_doctor_sees_what_segments_leave_open(secret: Secret) -> None:
    """Every node has a catalog of its own, and checks by that who may run a function."""
    run(secret.dsn, f"revoke execute on function {XML} from public")
    places = query(
        secret.dsn,
        "select port, address from gp_segment_configuration where content >= 0 and role = 'p'",
    )
    try:
        for port, host in places:
            segment = make_dsn(secret.dsn, host=host, port=port, options="-c gp_role=utility")
            run(segment, f"grant execute on function {XML} to public")
    except psycopg2.OperationalError as error:
        pytest.skip(f"segments cannot be reached from here: {error}")
    assert QUALIFIED in revoke_script(secret.dsn)
    run(secret.dsn, f"revoke execute on function {XML} from public")
    assert QUALIFIED not in revoke_script(secret.dsn)
