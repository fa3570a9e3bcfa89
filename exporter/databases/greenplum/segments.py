"""Greenplum checks no rights on segments: what lets roles read there, and the SQL that ends it.

A query that segments run can call a function that takes SQL as text, or a table's name, and runs
it: on the segment, where nobody asks whether the caller may read that table. Source: execMain.c of
Greenplum, which does not call ExecCheckRTPerms() where a process has the role "execute".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from exporter.databases.postgres.connection import Connection, connect, execute, is_greenplum
from exporter.errors import DatabaseError
from exporter.sql.templates import render
from exporter.sql.text import Sql, as_is, remark

TEMPLATES = ("greenplum", "postgres")
# C functions that run text, or read the table that they are given the name of, by the name in the
# sources: xml.c, tsvector_op.c, tsquery_rewrite.c; contrib/tablefunc and contrib/xml2. The same in
# Greenplum 6 and 7. Those of schema_to_xml and database_to_xml ask for rights, but theirs is the
# same code.
BUILT_IN = (
    "query_to_xml", "query_to_xmlschema", "query_to_xml_and_xmlschema",
    "cursor_to_xml", "cursor_to_xmlschema",
    "table_to_xml", "table_to_xmlschema", "table_to_xml_and_xmlschema",
    "schema_to_xml", "schema_to_xmlschema", "schema_to_xml_and_xmlschema",
    "database_to_xml", "database_to_xmlschema", "database_to_xml_and_xmlschema",
    "ts_stat1", "ts_stat2", "tsquery_rewrite_query",
)  # fmt: skip
OF_EXTENSIONS = (
    "crosstab", "crosstab_hash", "connectby_text", "connectby_text_serial",
    "xpath_table",
)  # fmt: skip


# A catalog as the coordinator has it, and as the segments have it: each checks by its own.
NODES = ("{}", "gp_dist_random('{}')")


@dataclass(frozen=True)
class OpenRight:
    """What PUBLIC may do on some node that lets every role read all tables on segments.

    finding says it in words; statement takes the right away.
    """

    finding: str
    statement: Sql


def find_open_rights(connection: Connection) -> list[OpenRight]:
    """What stands open in this database, on the coordinator or on any segment."""
    rights = []
    functions = _open_functions(connection)
    if functions:
        rights.append(
            OpenRight(
                f"every role may run {len(functions)} functions that read any table on segments,"
                " weights among them",
                render(TEMPLATES, "revoke_functions", {"functions": functions}),
            )
        )
    languages = _open_languages(connection)
    if languages:
        rights.append(
            OpenRight(
                "who may create a function, even a temporary one, can read any table on segments"
                f" by it; every role may use {', '.join(languages)}",
                render(TEMPLATES, "revoke_languages", {"languages": languages}),
            )
        )
    return rights


def _open_functions(connection: Connection) -> list[Sql]:
    """Functions of BUILT_IN and OF_EXTENSIONS, under any name, that PUBLIC may run."""
    oids = _ask_all_nodes(
        connection,
        "pg_proc",
        "select p.oid from {} p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a"
        " where a.grantee = 0 and a.privilege_type = 'EXECUTE'"
        " and (p.prolang = 12 and p.prosrc = any (%s)"  # language internal, on every server
        " or p.prolang = 13 and p.prosrc = any (%s))",  # language c
        (list(BUILT_IN), list(OF_EXTENSIONS)),
    )
    names = execute(
        connection,
        "select format('%%I.%%I(%%s)', n.nspname, p.proname, oidvectortypes(p.proargtypes))"
        " from pg_proc p join pg_namespace n on n.oid = p.pronamespace"
        " where p.oid = any (%s::oid[]) order by 1",
        (oids,),
    )
    return [as_is(name) for (name,) in names]


def _open_languages(connection: Connection) -> list[Sql]:
    """Languages in which PUBLIC may write functions."""
    oids = _ask_all_nodes(
        connection,
        "pg_language",
        "select l.oid from {} l, aclexplode(coalesce(l.lanacl, acldefault('l', l.lanowner))) a"
        " where a.grantee = 0 and a.privilege_type = 'USAGE' and l.lanpltrusted",
        (),
    )
    names = execute(
        connection,
        "select quote_ident(lanname) from pg_language where oid = any (%s::oid[]) order by 1",
        (oids,),
    )
    return [as_is(name) for (name,) in names]


def _ask_all_nodes(
    connection: Connection, catalog: str, sql: str, values: tuple[Any, ...]
) -> list[int]:
    """OIDs that sql finds in a catalog of some node; they are the same on all."""
    found = set()
    for node in NODES:
        found |= {oid for (oid,) in execute(connection, sql.format(node.format(catalog)), values)}
    return sorted(found)


def revoke_script(dsn: str) -> str:
    """The statements that close what is open in a database, as a file for psql.

    Raises: DatabaseError, when the server is no Greenplum or cannot be reached.
    """
    with connect(dsn) as connection:
        if not is_greenplum(connection):
            raise DatabaseError(
                "only Greenplum needs statements that take rights away: elsewhere rights are"
                " checked wherever a query runs."
            )
        statements = [right.statement for right in find_open_rights(connection)]
        database = execute(connection, "select current_database()")[0][0]
    lines = [
        f"-- Database {remark(database)}: what lets every role read all tables on segments.",
        "-- Run it as a superuser, in each database, and again after CREATE EXTENSION.",
    ]
    if not statements:
        lines.append("-- Nothing is open: there is nothing to run.")
    return "\n".join([*lines, *(f"{statement};" for statement in statements)])
