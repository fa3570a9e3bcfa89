"""export-model: arguments become calls of the stages, results go to stdout, the rest to stderr."""

from __future__ import annotations

import io
import json
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from textwrap import indent
from typing import Any, TypeVar

import click

from exporter import __version__
from exporter.database import interrupt_waiting
from exporter.errors import ExportError, SignatureError, UnsupportedError, list_names
from exporter.framework import make_samples
from exporter.ir.graph import Graph, format_shape
from exporter.ir.passes import simplify
from exporter.ir.plan import Signature, plan_graph
from exporter.output import STANDARD_OUTPUT, file_name, is_stream, write_files
from exporter.payload import draw_inputs
from exporter.reader.files import unchanged
from exporter.savedmodel import read_any
from exporter.segments import revoke_script
from exporter.servers import check_target, server_of
from exporter.signature import MAX_SCALAR_FEATURES, sign
from exporter.sql import oracle
from exporter.sql.script import Script
from exporter.sql.text import show_ident
from exporter.support import layer_table
from exporter.targets import TARGETS
from exporter.targets.greenplum import GENERATIONS
from exporter.targets.oracle_package import MAX_FEATURES
from exporter.targets.oracle_registry import IDENTIFIER_BYTES
from exporter.usage import Verbs, given, refuse_verb, split_items

MAX_SHOWN = 6  # columns in the example query
DSN_HELP = (
    "Database: postgresql://user@host:port/name or 'host=... dbname=...';"
    " oracle://user@host:port/service or user@host:port/service."
)
STOPPED = 130  # exit status after Ctrl-C, as shells have it: 128 + SIGINT
NO_READER = 141  # 128 + SIGPIPE: whoever read the output went away
TERMINATED = 143  # 128 + SIGTERM
EXAMPLES = """
\b
Examples:
  export-model describe model.h5
  export-model model.h5 --target postgres --dsn postgresql://localhost/bank --name fraud
  export-model model.keras --target oracle --output fraud.sql
  export-model doctor --dsn postgresql://localhost/bank
"""


@click.group(
    cls=Verbs,
    epilog=EXAMPLES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="export-model")
def command() -> None:
    """Turn a trained Keras network into SQL functions that score it inside the database.

    \b
    export-model MODEL --target postgres [OPTIONS]   is short for
    export-model export MODEL ...
    """


@command.command("export")
@click.argument("model", type=click.Path(path_type=Path), callback=refuse_verb)
@click.option("--target", type=click.Choice(sorted(TARGETS)), required=True, help="The database.")
@click.option(
    "--greenplum-version",
    type=click.Choice([str(generation) for generation in GENERATIONS]),
    help="With --target greenplum; 7 for its forks of PostgreSQL 12 and later. [default: 7]",
)
@click.option(
    "--dsn", envvar="EXPORT_MODEL_DSN", show_envvar=True, help=f"{DSN_HELP} Deploys there."
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the script here, - for standard output, and deploy nothing"
    " (default without --dsn: NAME.sql).",
)
@click.option("--name", help="Schema or package of the functions (default: the file's stem).")
@click.option("--features", help="Names of the input's columns, separated by commas.")
@click.option(
    "--features-from",
    metavar="TABLE",
    help="Take the columns from TABLE, all numeric ones or those of --features; needs --dsn.",
)
@click.option("--labels", help="Names of the classes in the order of the outputs, by commas.")
@click.option("--threshold", type=float, help="Score above which label 1 is given. [default: 0.5]")
@click.option(
    "--samples",
    type=click.IntRange(1, 1000),
    default=8,
    show_default=True,
    help="Rows stored with expected outputs, scored before the deployment is accepted.",
)
@click.option(
    "--expected-by",
    type=click.Choice(["auto", "float64"]),
    default="auto",
    show_default=True,
    help="Who computes expected outputs: Keras where installed (auto), or only this program.",
)
@click.option(
    "--oracle-version",
    type=click.Choice(list(IDENTIFIER_BYTES)),
    help="With --target oracle: the oldest to run on; before 12.2 names have 30 bytes."
    " [default: 19]",
)
@click.option(
    "-f", "--force", is_flag=True, help="Replace a script that is there with another content."
)
@click.pass_context
def export(
    context: click.Context,
    model: Path,
    target: str,
    greenplum_version: str | None,
    dsn: str | None,
    output: Path | None,
    name: str | None,
    features: str | None,
    features_from: str | None,
    labels: str | None,
    threshold: float | None,
    samples: int,
    expected_by: str,
    oracle_version: str | None,
    force: bool,
) -> None:
    """Deploy MODEL with --dsn, or write it as a script for psql or SQL*Plus."""
    is_deployed = dsn is not None and output is None
    options: dict[str, dict[str, Any]] = {"greenplum": {}, "oracle": {}}
    if greenplum_version is not None:
        options["greenplum"]["generation"] = int(greenplum_version)
    if oracle_version is not None:
        options["oracle"]["oracle_version"] = oracle_version
    for other, values in options.items():
        if values and other != target:
            raise click.UsageError(f"--{other}-version is for --target {other}, not for {target}.")
    if dsn is not None:
        check_target(target, dsn)
    if features_from is not None and dsn is None:
        raise click.UsageError("--features-from reads a table's columns and needs --dsn.")
    if dsn is not None and output is not None and features_from is None and given(context, "dsn"):
        raise click.UsageError(
            "--output writes a script and --dsn deploys: give one of them. (Together they are for"
            " --features-from, which reads the table's columns and deploys nothing.)"
        )
    if force and is_deployed:
        raise click.UsageError("--force replaces a script's file, and with --dsn none is written.")
    if output is not None and output.exists() and model.exists() and output.samefile(model):
        raise click.UsageError("--output is the model file itself; name the script otherwise.")
    with unchanged(model):
        graph = simplify(_read(model))
        is_text = any(port.is_text for port in graph.inputs)
        classes = split_items("--labels", labels)
        table, names = _choose_features(dsn, features, features_from, is_text)
        signature = sign(
            graph,
            model.absolute().stem if name is None else name,
            names,
            table,
            classes,
            threshold,
            most_features=MAX_FEATURES if target == "oracle" else MAX_SCALAR_FEATURES,
        )
        plan = plan_graph(graph, signature)
        say("computing expected outputs of the sample rows")
        ask_keras = expected_by == "auto" and model.is_file()
        rows = make_samples(graph, plan, draw_inputs(graph, samples), model, ask_keras)
        say(f"expected outputs: {rows.expected_by}")
    script = TARGETS[target](graph, plan, signature, rows, **options.get(target, {}))
    if dsn is None or output is not None:
        _write(script, output or Path(f"{file_name(signature.name)}.sql"), force)
        if dsn is not None:
            click.echo("Nothing was deployed: --output only writes the script.", err=True)
        return
    with Steps(len(script.statements) + 1) as steps:
        deployment = server_of(dsn).deploy(script, dsn, steps.advance)
    click.echo(str(deployment))
    click.echo(str(server_of(dsn).verify(dsn, signature.name)))
    example = _oracle_example if target == "oracle" else _example
    click.echo(f"Try: {example(graph, signature)}")


@command.command()
@click.argument("model", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def describe(model: Path, as_json: bool) -> None:
    """Show what MODEL is made of, and what cannot be exported."""
    try:
        graph = _read(model)
    except UnsupportedError as error:
        _describe_problems(model, error, as_json)
        sys.exit(1)
    scored = simplify(graph)
    if as_json:
        click.echo(json.dumps(_facts(graph, scored), indent=2))
        return
    click.echo(
        f"{graph.source.file_name}: {graph.parameters:,} parameters,"
        f" saved by Keras {graph.source.keras_version}, sha256 {graph.source.sha256[:12]}"
    )
    for port in graph.inputs:
        kind = " texts" if port.is_text else ""
        click.echo(f"input   {port.name}: {format_shape(port.shape)}{kind}")
    for title, steps in (("As in the file", graph), ("As it is scored", scored)):
        click.echo(f"\n{title}, {len(steps.nodes)} steps:")
        header = ("layer", "op", "shape", "weights")
        rows = [
            (n.layer, _op_text(n.op), format_shape(n.shape), f"{_weights(n.op):,}")
            for n in steps.nodes
        ]
        _print_table([header, *rows])
    click.echo()
    for port in graph.outputs:
        click.echo(f"output  {port.name}: {format_shape(port.shape)}")
    click.echo("Everything in it can be exported.")


@command.command("score")
@click.option("--dsn", envvar="EXPORT_MODEL_DSN", show_envvar=True, required=True, help=DSN_HELP)
@click.option("--name", required=True, help="Schema of the model.")
@click.option("--table", required=True, help="Table, view or query (select ...) to score.")
@click.option("--key", required=True, help="Column that tells its rows apart.")
@click.option("--into", required=True, help="Table for the scores; made when it is not there.")
@click.option(
    "--jobs",
    type=click.IntRange(1, 256),
    default=1,
    show_default=True,
    help="Connections that score at once; as many as the server has free cores.",
)
def score_command(dsn: str, name: str, table: str, key: str, into: str, jobs: int) -> None:
    """Score a table into a table of scores, inside the database.

    Rows that INTO holds a score of this version for are skipped: after Ctrl-C, or when rows came
    in, the same command goes on.
    """
    with Rows() as rows:
        scoring = server_of(dsn).score(dsn, name, table, key, into, jobs, rows.advance)
    click.echo(str(scoring))
    if scoring.was_stopped:
        sys.exit(STOPPED)


@command.command("verify")
@click.option("--dsn", envvar="EXPORT_MODEL_DSN", show_envvar=True, required=True, help=DSN_HELP)
@click.option("--name", required=True, help="Schema, in Oracle the synonym, of the model.")
def verify_command(dsn: str, name: str) -> None:
    """Score the stored samples again and compare."""
    report = server_of(dsn).verify(dsn, name)
    click.echo(str(report))
    if not report.is_ok:
        sys.exit(1)


@command.command("list")
@click.option("--dsn", envvar="EXPORT_MODEL_DSN", show_envvar=True, required=True, help=DSN_HELP)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_command(dsn: str, as_json: bool) -> None:
    """Show the models of a database."""
    entries = server_of(dsn).list_versions(dsn)
    if as_json:
        click.echo(json.dumps([vars(entry) for entry in entries], indent=2, default=str))
        return
    if not entries:
        say("No model is deployed in this database.")
        return
    header = (
        "model",
        "version",
        "current",
        "parameters",
        "file",
        "keras",
        "deployed",
        "by",
        "state",
    )
    _print_table(
        [
            header,
            *(
                (
                    e.model,
                    e.version,
                    "yes" if e.is_current else "",
                    f"{e.parameters:,}",
                    e.source_file,
                    e.keras_version,
                    f"{e.deployed_at:%Y-%m-%d %H:%M}",
                    e.deployed_by,
                    e.state,
                )
                for e in entries
            ),
        ]
    )


@command.command("drop")
@click.option("--dsn", envvar="EXPORT_MODEL_DSN", show_envvar=True, required=True, help=DSN_HELP)
@click.option("--name", required=True, help="Schema, in Oracle the synonym, of the model.")
@click.option("--force", is_flag=True, help="Also remove what depends on it, views for example.")
def drop_command(dsn: str, name: str, force: bool) -> None:
    """Remove a model and all its versions, and nothing else."""
    server_of(dsn).drop(dsn, name, force)
    click.echo(f"{name}: dropped")


@command.command()
@click.option("--dsn", envvar="EXPORT_MODEL_DSN", show_envvar=True, required=True, help=DSN_HELP)
@click.option(
    "--revoke",
    is_flag=True,
    help="Print the REVOKE statements that keep weights from roles on Greenplum's segments.",
)
def doctor(dsn: str, revoke: bool) -> None:
    """Check that a server can hold and score models."""
    if revoke:
        click.echo(revoke_script(dsn))
        return
    checks = server_of(dsn).examine(dsn)
    for check in checks:
        click.echo(f"{check.level:<5} {check.name}: {check.finding}")
        if check.advice:
            click.echo(indent(f"mend it: {check.advice}", " " * 6))
    if any(check.level == "fail" for check in checks):
        sys.exit(1)


@command.command()
def layers() -> None:
    """Show the supported layers, their limits and the ops they become, as Markdown."""
    click.echo(layer_table())


def main() -> None:
    """Entry point; docs/commands.md has the table of exit statuses."""
    for stream in (sys.stdout, sys.stderr):  # a name may hold what the terminal cannot show
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    interrupt_waiting()
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _end)
    try:
        with command.make_context("export-model", sys.argv[1:]) as context:
            command.invoke(context)
        sys.stdout.flush()
    except click.exceptions.Exit as error:
        sys.exit(error.exit_code)
    except ExportError as error:
        click.echo(f"export-model: {error}", err=True)
        sys.exit(1)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        behind_the_echo = "\n" if sys.stderr.isatty() else ""  # of ^C
        click.echo(f"{behind_the_echo}export-model: stopped", err=True)
        sys.exit(STOPPED)
    except BrokenPipeError:  # `| head` has enough
        _discard_output()
        sys.exit(NO_READER)
    except OSError as error:  # a full disk, most often that of a redirected output
        click.echo(f"export-model: {error}. Check where the output goes.", err=True)
        _discard_output()
        sys.exit(1)


def _discard_output() -> None:
    """Let what is still buffered go nowhere; Python would complain at its last flush."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _end(number: int, frame: object) -> None:
    """SIGTERM: end by an exception, so that files are removed and statements cancelled."""
    click.echo("export-model: terminated", err=True)
    sys.exit(TERMINATED)


def say(text: str) -> None:
    """A message for a person at a terminal; a pipe stays quiet."""
    if sys.stderr.isatty():
        click.echo(text, err=True)


P = TypeVar("P", bound="Progress")


class Progress:
    """A progress bar with a text behind it, on a terminal only."""

    def __init__(self, length: int) -> None:
        self.bar: Any = click.progressbar(
            length=length,
            file=sys.stderr,
            hidden=not sys.stderr.isatty(),
            item_show_func=lambda _: self.text(),
        )

    def __enter__(self: P) -> P:
        self.bar.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self.bar.__exit__(*error)

    def text(self) -> str:
        """What stands behind the bar."""
        raise NotImplementedError


class Steps(Progress):
    """Progress over named steps."""

    name = ""

    def advance(self, name: str) -> None:
        """Show that the step of this name begins."""
        self.name = name
        self.bar.update(1)

    def text(self) -> str:
        """The step's name."""
        return self.name


class Rows(Progress):
    """Progress over a table, with rows and rows per second."""

    LENGTH = 1000

    def __init__(self) -> None:
        super().__init__(self.LENGTH)
        self.rows = 0
        self.start = time.perf_counter()

    def advance(self, rows: int, done: float | None) -> None:
        """Rows were written; done is the part of the source that is behind."""
        self.rows += rows
        place = self.bar.pos if done is None else int(done * self.LENGTH)
        self.bar.update(place - self.bar.pos)

    def text(self) -> str:
        """Rows, and how fast they come."""
        speed = self.rows / max(time.perf_counter() - self.start, 1e-9)
        return f"{self.rows:,} rows, {speed:,.0f} rows/s"


def _read(path: Path) -> Graph:
    graph = read_any(path)
    for warning in graph.warnings:
        click.echo(f"warning: {warning}", err=True)
    return graph


def _choose_features(
    dsn: str | None, features: str | None, table: str | None, is_text: bool
) -> tuple[tuple[str, str] | None, Sequence[str]]:
    """(table, column names) from the options; with both, those columns of that table."""
    names = split_items("--features", features)
    if table is None or dsn is None:
        return None, names
    found, columns = server_of(dsn).read_columns(dsn, table, is_text)
    missing = [name for name in names if name not in columns]
    if missing:
        raise SignatureError(
            f'table "{table}" has no {"text" if is_text else "numeric"} column'
            f" {', '.join(missing)};"
            f" it has {list_names(columns)}."
        )
    return found, names or columns


def _write(script: Script, path: Path, may_replace: bool) -> None:
    """Write the script and, where it has one, the script that removes it; say how they are run."""
    files = {path: script.lines()}
    removal = path.with_name(f"{path.stem}_uninstall.sql")
    if script.removal is not None and not is_stream(path):
        files[removal] = script.removal.lines()
    write_files(files, may_replace)
    to_errors = is_stream(path)  # what reads a script from standard output reads nothing else
    place = "standard output" if path == STANDARD_OUTPUT else path
    click.echo(f"{place}: model {script.model}, version {script.version[:12]}", err=to_errors)
    if not to_errors:
        click.echo(f"Run it with: {script.command(str(path))}")
    if removal in files:
        click.echo(f"{removal}: removes it again")
    elif script.removal is not None:
        click.echo("The script that removes it again is written beside a file only.", err=True)


def _example(graph: Graph, signature: Signature) -> str:
    """A query to try, short enough to read."""
    schema = show_ident(signature.name)
    if signature.feature_table is not None:
        table = ".".join(show_ident(part) for part in signature.feature_table)
        return f"SELECT {schema}.score(t) FROM {table} AS t;"
    if signature.features:
        names = [show_ident(name) for name in signature.features]
        if len(names) > MAX_SHOWN:
            names = [*names[:2], "...", names[-1]]
        return f"SELECT {schema}.score({', '.join(names)}) FROM your_table;"
    arrays = ", ".join(
        f"ARRAY[...]::{'text' if p.is_text else 'real'}[] /* {format_shape(p.shape)} */"
        for p in graph.inputs
    )
    return f"SELECT {schema}.score({arrays});"


def _oracle_example(graph: Graph, signature: Signature) -> str:
    """The same for Oracle, where several outputs are columns of score_table."""
    package = oracle.ident(signature.name)
    arguments = [str(oracle.ident(name)) for name in signature.features]
    if len(arguments) > MAX_SHOWN:
        arguments = [*arguments[:2], "...", arguments[-1]]
    if not arguments:
        arguments = [f"utl_nla_array_flt(...) /* {format_shape(p.shape)} */" for p in graph.inputs]
    if len(graph.outputs) == 1:
        source = "your_table" if signature.features else "dual"
        return f"SELECT {package}.score({', '.join(arguments)}) FROM {source};"
    return (
        f"SELECT * FROM TABLE({package}.score_table("
        f"CURSOR(SELECT id, {', '.join(arguments)} FROM your_table)));"
    )


def _facts(graph: Graph, scored: Graph) -> dict[str, Any]:
    return {
        "file": graph.source.file_name,
        "sha256": graph.source.sha256,
        "keras_version": graph.source.keras_version,
        "parameters": graph.parameters,
        "inputs": [{"name": p.name, "shape": p.shape} for p in graph.inputs],
        "outputs": [{"name": p.name, "shape": p.shape} for p in graph.outputs],
        "layers": _steps(graph),
        "scored": _steps(scored),
        "warnings": graph.warnings,
        "unsupported": [],
    }


def _steps(graph: Graph) -> list[dict[str, Any]]:
    return [
        {
            "layer": n.layer,
            "op": n.op.kernel_name,
            "parameters": n.op.parameters(),
            "shape": n.shape,
            "weights": _weights(n.op),
        }
        for n in graph.nodes
    ]


def _describe_problems(model: Path, error: UnsupportedError, as_json: bool) -> None:
    if as_json:
        problems = [vars(problem) for problem in error.problems]
        click.echo(json.dumps({"file": model.name, "unsupported": problems}, indent=2))
        return
    click.echo(f"{model.name} cannot be exported: {len(error.problems)} layers stand in the way")
    header = ("layer", "class", "why", "what to do")
    rows = [(p.layer, p.class_name, p.reason, p.advice) for p in error.problems]
    _print_table([header, *rows])


def _op_text(op: Any) -> str:
    return str(op.parameters().get("function") or op.kernel_name)


def _weights(op: Any) -> int:
    return sum(tensor.size for tensor in op.tensors().values())


def _print_table(rows: list[tuple[str, ...]]) -> None:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        click.echo("  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip())
