"""No setting of the caller's changes a key: on segments they travel in their own type."""

from __future__ import annotations

import psycopg2
import pytest
from database.networks import query

from greenplum.conftest import Cluster
from greenplum.test_batches import ask

HOSTILE = """
set datestyle = 'SQL, DMY'; set timezone = 'Asia/Kolkata'; set intervalstyle = 'iso_8601';
set extra_float_digits = 0; set bytea_output = 'escape'; set quote_all_identifiers = on;
set standard_conforming_strings = off; set array_nulls = off; set search_path = pg_temp, public
"""
# The key of row g, as an expression; each tells rows apart only when all of its text is kept.
KEYS = {
    "float8": "sqrt(g::float8)",
    "real": "sqrt(g::float8)::real",
    "timestamptz": "timestamptz '2024-11-03 04:30:00.123456+00' + g * interval '31 min 7.000001 s'",
    "date": "date '2024-01-02' + g",
    "numeric": "g::numeric / 3",
    "text": "chr(92) || g::text || '''' || chr(34) || 'NULL'",
    "bytea": "decode(lpad(to_hex(g), 8, '0'), 'hex')",
    "uuid": "md5(g::text)::uuid",
}


@pytest.mark.parametrize("kind", KEYS)
def test_keys_under_settings_that_change_their_text(cluster: Cluster, kind: str) -> None:
    table = f"keyed_{kind}"
    query(
        cluster.dsn,
        f"create table {table} as select {KEYS[kind]} as key, id as g, a, b, c from"
        " (select *, id as g from hashed where id <= 200) s distributed by (g)",
    )
    connection = psycopg2.connect(cluster.dsn)
    connection.autocommit = True
    connection.cursor().execute(HOSTILE)
    connection.cursor().execute(f"call fraud.score_into('{table}', 'key', 'public.into_{table}')")
    batch = (
        f"select (fraud.score_batch(array_agg(key), string_agg(fraud.pack(a, b, c), ''))).*"
        f" from {table} group by g / 50"
    )
    connection.cursor().execute(f"create table batch_{table} as {batch} distributed randomly")
    for kept in (f"public.into_{table}", f"batch_{table}"):
        rows = ask(connection, f"select t.g, s.score from {table} t join {kept} s on s.key = t.key")
        assert len(rows) == 200
        for key, score in rows:
            assert score == pytest.approx(cluster.scores[key], abs=1e-5)
    texts = f"fraud.score_table('{table}', 'key')"
    keys = ask(connection, f"select array_agg(key) from {texts}")[0][0]
    connection.close()
    found = query(
        cluster.dsn,
        f"select count(distinct t.g) from {table} t join unnest(%s::text[]) u on u::{kind} = t.key",
        (keys,),
    )
    assert found == [(200,)]
