"""What others put in the way of a superuser: nothing of theirs may run, or be reused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from databases import Database, make_database
from footprints import footprint_of

from database.networks import compile_model, deploy_model, query, write_sequential
from database.test_deployment import run_psql
from exporter.databases.postgres.connection import connect, execute
from exporter.databases.postgres.deployment import deploy
from exporter.databases.postgres.doctor import examine
from exporter.databases.postgres.registry import drop, list_versions
from exporter.databases.postgres.score import score
from exporter.databases.postgres.verify import verify
from exporter.errors import DatabaseError

TRAP = """
create function public.trap() returns {returns} language plpgsql as $$
begin
  execute 'alter role mallory superuser';
  {end}
end $$;
"""
COMMENT = "comment on schema export_model is 'export-model registry, format 1';"
MODELS = (
    "create table export_model.models (name text primary key, current_version text not null,"
    " created_at timestamp with time zone not null default current_timestamp);"
)
ON_MODELS = "create schema export_model;" + COMMENT + MODELS
BEFOREHAND = {
    "an empty schema": "create schema export_model;" + COMMENT,
    "a trigger": TRAP.format(returns="trigger", end="return new;")
    + ON_MODELS
    + "create trigger t before insert on export_model.models execute function public.trap();",
    "a default": TRAP.format(returns="text", end="return '';")
    + "create schema export_model;"
    + COMMENT
    + MODELS.replace("default current_timestamp", "default public.trap()::timestamptz"),
    "a check constraint": TRAP.format(returns="boolean", end="return true;")
    + ON_MODELS
    + "alter table export_model.models add check (public.trap());",
    "an index on an expression": TRAP.format(returns="integer", end="return 1;")
    + "create function public.wrapped(text) returns integer immutable language sql"
    " as 'select public.trap()';" + ON_MODELS + "create index on"
    " export_model.models (public.wrapped(name));",
    "a rule": TRAP.format(returns="integer", end="return 1;")
    + ON_MODELS
    + "create rule r as on insert to export_model.models do also select public.trap();",
    "a view": TRAP.format(returns="text", end="return 'x';")
    + "create schema export_model;"
    + COMMENT
    + "create view export_model.models as select public.trap() as name, 'x'::text as"
    " current_version;",
    "a policy": TRAP.format(returns="boolean", end="return true;")
    + ON_MODELS
    + "alter table export_model.models enable row level security;"
    "alter table export_model.models force row level security;"
    "create policy p on export_model.models using (public.trap());",
    "a generated column": ON_MODELS.replace(
        "created_at timestamp with time zone not null default current_timestamp",
        "created_at text generated always as (name || 'x') stored",
    ),
    "a child table": ON_MODELS + "create table public.child () inherits (export_model.models);",
    "a table in parts": "create schema export_model;"
    + COMMENT
    + "create table export_model.models (name text, current_version text)"
    " partition by list (name);",
    "a function that is kept": "create schema export_model;"
    + COMMENT
    + "create function export_model.load(p_version text) returns void language plpgsql as"
    " 'begin end';",
    "a function that is called instead": "create schema export_model;"
    + COMMENT
    + "create function export_model.array_bytes(real[]) returns bytea language plpgsql as"
    " 'begin return null; end';",
    "the model's schema": "create schema fraud;",
    "a path": "create schema evil; create function evil.eq(name, text) returns boolean language"
    " plpgsql as $$ begin execute 'alter role mallory superuser'; return true; end $$;"
    "create operator evil.= (leftarg = name, rightarg = text, function = evil.eq);"
    "create function evil.eq(text, text) returns boolean language"
    " plpgsql as $$ begin execute 'alter role mallory superuser'; return true; end $$;"
    "create operator evil.= (leftarg = text, rightarg = text, function = evil.eq);"
    "create function evil.has_database_privilege(name, text) returns boolean language"
    " plpgsql as $$ begin execute 'alter role mallory superuser'; return true; end $$;",
}
NEEDS_THE_DATABASE = {"a path": "alter database {} set search_path = evil, pg_catalog, public;"}


@pytest.fixture
def mallory(database: Database) -> Iterator[Database]:
    """A database where the plain role mallory may create schemas."""
    with welcoming_mallory(database):
        yield database


@pytest.fixture(scope="module")
def deployed(server: Any, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of a database with a model, to be copied."""
    with make_database(server, "hijack_deployed", template):
        path = write_sequential(tmp_path_factory.mktemp("m") / "m.h5", [3, 2], ["softmax"])
        deploy_model(server.dsn("hijack_deployed"), path, "fraud")
        yield "hijack_deployed"


@pytest.fixture
def mallory_later(server: Any, deployed: str) -> Iterator[Database]:
    """A copy of it, where she may the same."""
    with make_database(server, "hijack", deployed):
        database = Database(server, "hijack")
        with welcoming_mallory(database):
            yield database


@contextmanager
def welcoming_mallory(database: Database) -> Iterator[None]:
    """The role for the time of the block."""
    admin = database.server.dsn("postgres")
    query(admin, "drop role if exists mallory")
    query(admin, "create role mallory login nosuperuser")
    query(database.dsn, f'grant create on database "{database.name}" to mallory')
    query(database.dsn, "grant create, usage on schema public to mallory")
    yield
    query(admin, f'alter database "{database.name}" reset all')
    query(admin, f'alter database "{database.name}" owner to current_user')
    query(admin, "alter role mallory nosuperuser")
    query(database.dsn, "drop owned by mallory cascade")
    query(admin, "drop role mallory")


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A file of a 3-2 softmax."""
    return write_sequential(tmp_path / "m.h5", [3, 2], ["softmax"])


def everything(database: Database) -> list[Callable[[], object]]:
    """What a superuser may be brought to run, but for deploying."""
    dsn = database.dsn
    return [
        lambda: verify(dsn, "fraud"),
        lambda: list_versions(dsn),
        lambda: drop(dsn, "fraud"),
        lambda: examine(dsn),
        lambda: score(dsn, "fraud", "rows", "id", "scores"),
    ]


def is_superuser(database: Database) -> bool:
    sql = "select rolsuper from pg_roles where rolname = 'mallory'"
    return bool(query(database.server.dsn("postgres"), sql)[0][0])


RUNS_A_TEXT = "query_to_xml('select public.trap()', true, true, '') is not null"


@pytest.mark.parametrize(
    "clause", [f"check ({RUNS_A_TEXT})", f"is_it boolean default ({RUNS_A_TEXT})"]
)
def test_a_table_taken_over_brings_no_function_that_runs_a_text(
    mallory: Database, small: Path, clause: str
) -> None:
    """The system's own functions do not stand among what a constraint depends on, and some of them
    run a query. Statements of the message that take over are followed, those that drop are not."""
    tables = ON_MODELS.replace("current_timestamp)", f"current_timestamp, {clause})")
    query(mallory.dsn_of("mallory"), TRAP.format(returns="integer", end="return 1;") + tables)
    query(mallory.dsn, "alter schema export_model owner to current_user")
    query(mallory.dsn, "alter table export_model.models owner to current_user")
    with pytest.raises(DatabaseError, match=r"computes .*query_to_xml"):
        deploy_model(mallory.dsn, small, "fraud")
    for attempt in everything(mallory):
        with suppress(DatabaseError):
            attempt()
    assert not is_superuser(mallory)


@pytest.mark.parametrize("role", ["mallory", "owner"])
@pytest.mark.parametrize("trap", BEFOREHAND)
def test_what_was_there_beforehand_is_not_used(
    mallory: Database, small: Path, trap: str, role: str, tmp_path: Path
) -> None:
    if role == "owner":
        admin = mallory.server.dsn("postgres")
        query(admin, f'alter database "{mallory.name}" owner to mallory')
    elif trap in NEEDS_THE_DATABASE:
        pytest.skip("only the database's owner can")
    query(mallory.dsn_of("mallory"), BEFOREHAND[trap])
    if trap in NEEDS_THE_DATABASE:
        query(mallory.dsn_of("mallory"), NEEDS_THE_DATABASE[trap].format(mallory.name))
    before = footprint_of(mallory)
    script, _ = compile_model(small, "fraud")
    path = tmp_path / "fraud.sql"
    path.write_text(str(script), encoding="utf-8")
    if trap == "a path":
        deploy(script, mallory.dsn)
        assert verify(mallory.dsn, "fraud").is_ok
        query(mallory.dsn, "create table public.rows (id integer, dense_0_input real[])")
        score(mallory.dsn, "fraud", "public.rows", "id", "public.scores")
        examine(mallory.dsn)
        drop(mallory.dsn, "fraud")
        assert run_psql(mallory, path).returncode == 0
        assert not is_superuser(mallory)
        return
    for attempt in everything(mallory):
        with_trap = trap != "the model's schema"
        try:
            attempt()
        except DatabaseError as error:
            assert not with_trap or "belongs to role mallory" in str(error)
    with pytest.raises(DatabaseError, match="belongs to role mallory") as caught:
        deploy(script, mallory.dsn)
    assert "mend it: " in str(caught.value)
    failed = run_psql(mallory, path)
    assert failed.returncode != 0
    assert "belongs to role mallory" in failed.stderr
    assert footprint_of(mallory) == before
    assert not is_superuser(mallory)


def test_who_is_busy_is_asked_under_a_path_of_ours(mallory: Database) -> None:
    """The transaction that waited in vain is rolled back, and its settings with it."""
    admin = mallory.server.dsn("postgres")
    query(admin, f'alter database "{mallory.name}" owner to mallory')
    query(mallory.dsn_of("mallory"), BEFOREHAND["a path"])
    query(mallory.dsn_of("mallory"), NEEDS_THE_DATABASE["a path"].format(mallory.name))
    query(mallory.dsn, "create table public.rows ()")
    busy = psycopg2.connect(mallory.dsn, application_name="nightly")
    try:
        with busy.cursor() as cursor:
            cursor.execute("lock table public.rows")
        with (
            pytest.raises(DatabaseError, match=r"open: role .*, nightly, in a transaction since"),
            connect(mallory.dsn) as connection,
        ):
            execute(connection, "lock table public.rows nowait")
    finally:
        busy.close()
    assert not is_superuser(mallory)


GIVEN_AWAY = {
    "the loader": "alter function export_model.load(text) owner to mallory",
    "a table": "alter table export_model.models owner to mallory",
    "the view": "alter view export_model.overview owner to mallory",
    "the registry's schema": "alter schema export_model owner to mallory",
    "the model's schema": "alter schema fraud owner to mallory",
    "a function of the model": "alter function fraud.verify() owner to mallory",
    "a right to create in the registry": "grant create on schema export_model to mallory",
    "a right to create in the model": "grant create on schema fraud to public",
    "a right to make triggers": "grant trigger on export_model.versions to mallory",
    "a trigger of a trusted owner": "create function public.f() returns trigger language plpgsql"
    " as 'begin return new; end'; create trigger t before update on export_model.models"
    " execute function public.f()",
    "a rule of a trusted owner": "create rule r as on update to export_model.models do also"
    " delete from export_model.chunks",
    "a default of a trusted owner": "create function public.f() returns text language sql as"
    " 'select ''x''::text'; alter table export_model.versions alter deployed_by set default"
    " public.f()",
    "a function for events": "create function public.f() returns event_trigger language plpgsql as"
    " 'begin end'; create event trigger hook on ddl_command_end execute function public.f();"
    "alter function public.f() owner to mallory",
    "a foreign key": "create table public.t (name text references export_model.models)",
    "a right to change a column": "grant update (runtime) on export_model.versions to mallory",
}


@pytest.mark.parametrize("gift", GIVEN_AWAY)
def test_what_was_given_away_is_not_used(mallory_later: Database, small: Path, gift: str) -> None:
    """Not undone in silence either: the next deployment says what belongs to whom."""
    mallory = mallory_later
    query(mallory.dsn, GIVEN_AWAY[gift])
    before = footprint_of(mallory)
    other, _ = compile_model(small, "fraud", labels=["a", "b"])
    with pytest.raises(DatabaseError, match="in the hands of others") as caught:
        deploy(other, mallory.dsn)
    assert "mend it: " in str(caught.value)
    with pytest.raises(DatabaseError, match="in the hands of others"):
        verify(mallory.dsn, "fraud")
    with pytest.raises(DatabaseError, match="in the hands of others"):
        drop(mallory.dsn, "fraud")
    checks = [check for check in examine(mallory.dsn) if check.level == "fail"]
    assert {check.name for check in checks} == {"owners"}
    assert footprint_of(mallory) == before
    for check in checks:
        query(mallory.dsn, check.advice)
    if gift == "a default of a trusted owner":
        return
    deploy(other, mallory.dsn)
    assert not [check for check in examine(mallory.dsn) if check.level == "fail"]


ACTING = """
create schema export_model; comment on schema export_model is 'export-model registry, format 1';
create schema fraud; create table public.rows (id integer);
create function fraud.trap() returns void language plpgsql as $$ begin
  execute 'set role none'; execute 'alter role mallory superuser'; execute 'set role mallory';
end $$;
create function fraud.scorer() returns jsonb language sql as $$
  select fraud.trap(); select '{"batch": "fraud.batch"}'::jsonb $$;
create function fraud.batch(text, integer, text) returns integer language sql as 'select 1';
create function export_model.open_scoring(jsonb, text, text, text, boolean) returns jsonb
  language sql as $$ select fraud.trap(); select '{"blocks": 0}'::jsonb $$;
"""


def test_a_role_set_for_all_who_connect_is_not_trusted(
    mallory: Database, own_sessions: None
) -> None:
    """The session is still a superuser's: what it calls as mallory takes the rights back."""
    admin = mallory.server.dsn("postgres")
    query(admin, f'alter database "{mallory.name}" owner to mallory')
    query(mallory.dsn_of("mallory"), ACTING)
    query(mallory.dsn_of("mallory"), f'alter database "{mallory.name}" set role = mallory')
    assert query(mallory.dsn, "select current_user::text") == [("mallory",)]
    for attempt in everything(mallory):
        try:
            checks = attempt()
        except DatabaseError as error:
            assert "belongs to role mallory" in str(error)
            assert "You logged in as superuser" in str(error)
        else:  # what examine found
            assert "belongs to role mallory" in str(checks)
    assert not is_superuser(mallory)


EVERYTHING_AGAIN = """
create schema evil;
grant usage on schema evil to public;
do $do$
declare
  r record;
  n integer := 0;
begin
  for r in select proname, oidvectortypes(proargtypes) as given, format_type(prorettype, null)
      as gives, proretset from pg_proc
    where pronamespace = 'pg_catalog'::regnamespace and prokind = 'f' and provariadic = 0
  loop
    begin
      execute format('create function evil.%I(%s) returns %s %s language plpgsql as %L',
        r.proname, r.given, case when r.proretset then 'setof' else '' end, r.gives,
        'begin raise exception ''trapped''; end');
    exception when others then null;
    end;
  end loop;
  for r in select oprname, nullif(oprleft, 0)::regtype as l, oprright::regtype as r,
      oprresult::regtype as gives from pg_operator
    where oprnamespace = 'pg_catalog'::regnamespace and oprright <> 0
  loop
    n := n + 1;
    begin
      execute format('create function evil.operator_%s(%s) returns %s language plpgsql as %L',
        n, concat_ws(', ', r.l, r.r), r.gives, 'begin raise exception ''trapped''; end');
      execute format('create operator evil.%s (function = evil.operator_%s, %s rightarg = %s)',
        r.oprname, n, 'leftarg = ' || r.l || ',', r.r);
    exception when others then null;
    end;
  end loop;
  for r in select typname from pg_type
    where typnamespace = 'pg_catalog'::regnamespace and typtype = 'b'
  loop
    execute format('create domain evil.%I as pg_catalog.int4 check (false)', r.typname);
  end loop;
end $do$;
"""


def test_a_path_where_everything_of_the_system_stands_again(mallory: Database, small: Path) -> None:
    """Each function, operator and type of PostgreSQL lies in a schema that comes first, for all
    who connect; whatever of ours is not qualified ends in one of them."""
    query(mallory.dsn, f'alter database "{mallory.name}" owner to mallory')
    query(mallory.dsn_of("mallory"), EVERYTHING_AGAIN)
    assert query(mallory.dsn, "select count(*) > 2500 from pg_proc where proowner = 'mallory'"
                 "::regrole") == [(True,)]  # fmt: skip
    query(mallory.dsn, "create table public.rows (id integer primary key, dense_0_input real[])")
    query(mallory.dsn, "insert into public.rows select g, '{1,2,3}' from generate_series(1, 9) g")
    path = "evil, pg_catalog, public"
    query(mallory.dsn_of("mallory"), f'alter database "{mallory.name}" set search_path = {path}')
    with pytest.raises(psycopg2.Error, match="trapped"):
        query(mallory.dsn, "select 'a'::pg_catalog.text = 'b'::pg_catalog.text")
    deploy_model(mallory.dsn, small, "fraud")
    for source in ("public.rows", "select * from public.rows"):
        for expected in (9, 0):
            into = "public.a" if source == "public.rows" else "public.b"
            assert score(mallory.dsn, "fraud", source, "id", into).rows == expected
            connection = psycopg2.connect(mallory.dsn)
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(f"call fraud.score_into('{source}', 'id', '{into}_called')")
                cursor.execute(f"select score from fraud.score_table('{source}', 'id')")
                assert len(cursor.fetchall()) == 9
            connection.close()
    assert verify(mallory.dsn, "fraud").is_ok
    assert [entry.state for entry in list_versions(mallory.dsn)] == ["ok"]
    assert not [check for check in examine(mallory.dsn) if check.level == "fail"]
    drop(mallory.dsn, "fraud")


def test_comments_of_strangers_say_nothing_about_a_model(mallory: Database, small: Path) -> None:
    """A function or schema of somebody's with a comment like ours is no part of a model."""
    deploy_model(mallory.dsn, small, "fraud")
    query(
        mallory.dsn_of("mallory"),
        "create schema mine; comment on schema mine is 'export-model: m.h5, version 0123456789ab';"
        "create function mine.f() returns void language plpgsql as"
        " 'begin perform export_model.gone(1); end';"
        "comment on function mine.f() is 'export-model 0 0 0 fraud'",
    )
    assert verify(mallory.dsn, "fraud").is_ok
    assert [entry.state for entry in list_versions(mallory.dsn)] == ["ok"]
    assert not [check for check in examine(mallory.dsn) if check.level == "fail"]
    drop(mallory.dsn, "fraud")
    assert query(mallory.dsn, "select to_regprocedure('mine.f()') is not null") == [(True,)]


def test_default_privileges_give_nothing_away(mallory: Database, small: Path) -> None:
    for kind in ("tables", "schemas", "functions"):
        query(mallory.dsn, f"alter default privileges grant all on {kind} to mallory, public")
    deploy_model(mallory.dsn, small, "fraud")
    for sql in (
        "select * from export_model.chunks",
        "create table export_model.mine ()",
        "create table fraud.mine ()",
        "select export_model.bytes_array('')",
        "select export_model.bytes_doubles('')",
    ):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            query(mallory.dsn_of("mallory"), sql)
    assert verify(mallory.dsn, "fraud").is_ok


def test_a_schema_made_while_a_deployment_runs_is_not_used(mallory: Database, small: Path) -> None:
    script, _ = compile_model(small, "fraud")
    seen: list[str] = []

    def meddle(name: str) -> None:
        seen.append(name)
        if name == "registry: schema":
            query(mallory.dsn_of("mallory"), BEFOREHAND["a trigger"])

    with pytest.raises(DatabaseError, match="belongs to role mallory"):
        deploy(script, mallory.dsn, meddle)
    assert seen[-1] == "check that nothing belongs to others"
    assert not is_superuser(mallory)


def test_a_function_that_appears_while_a_deployment_runs_ends_it(
    mallory: Database, small: Path
) -> None:
    """Begun while mallory still had the right to create, committed when he no longer has it."""
    deploy_model(mallory.dsn, small, "fraud")
    query(mallory.dsn, "grant create, usage on schema export_model to mallory")
    other, _ = compile_model(small, "fraud", labels=["a", "b"])
    connection = psycopg2.connect(mallory.dsn_of("mallory"))
    with connection.cursor() as cursor:
        cursor.execute(
            "create function export_model.array_bytes(real[]) returns bytea language plpgsql as"
            " $$ begin execute 'alter role mallory superuser'; return null; end $$"
        )
    query(mallory.dsn, "revoke create on schema export_model from mallory")

    def commit(name: str) -> None:
        if name == "model":
            connection.commit()

    with pytest.raises(DatabaseError, match="belongs to role mallory"):
        deploy(other, mallory.dsn, commit)
    connection.close()
    assert not is_superuser(mallory)


def test_a_model_given_to_a_role_as_a_whole_is_handled_as_that_role(
    mallory: Database, small: Path
) -> None:
    """Superuser rights can be taken out of scoring; a superuser then keeps off."""
    deploy_model(mallory.dsn, small, "fraud")
    query(mallory.dsn, GIVE_ALL)
    assert query(mallory.dsn_of("mallory"), "select fraud.score('{1,2,3}') is not null") == [
        (True,)
    ]
    assert verify(mallory.dsn_of("mallory"), "fraud").is_ok
    assert [entry.model for entry in list_versions(mallory.dsn_of("mallory"))] == ["fraud"]
    with pytest.raises(DatabaseError, match="belongs to role mallory"):
        verify(mallory.dsn, "fraud")
    with pytest.raises(DatabaseError, match="belongs to role mallory"):
        deploy_model(mallory.dsn, small, "fraud")
    drop(mallory.dsn_of("mallory"), "fraud")
    deploy_model(mallory.dsn, small, "fraud")
    assert verify(mallory.dsn, "fraud").is_ok


GIVE_ALL = """do $$
declare l_sql text;
begin
  for l_sql in
    select format('alter routine %s owner to mallory', oid::regprocedure) from pg_proc
      where pronamespace in ('fraud'::regnamespace, 'export_model'::regnamespace)
    union all
    select format('alter table %s owner to mallory', oid::regclass) from pg_class
      where relnamespace = 'export_model'::regnamespace and relkind in ('r', 'v')
    union all select 'alter schema fraud owner to mallory'
    union all select 'alter schema export_model owner to mallory'
  loop execute l_sql; end loop;
end $$"""
