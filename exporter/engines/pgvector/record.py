"""PL/pgSQL and pgvector as one record: networks as functions whose text holds the weights."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from exporter.engines.engine import Engine
from exporter.engines.pgvector.columns import row_message
from exporter.engines.pgvector.functions import make_functions
from exporter.engines.pgvector.limits import LACKS, OLDEST, find_problems, find_stored_problems
from exporter.engines.pgvector.runtime import make_runtime
from exporter.engines.statements import Statements, Step
from exporter.ir.graph import Port
from exporter.sql.text import Sql, number

if TYPE_CHECKING:
    from exporter.databases.results import Check, Difference


def message(array: Sql, port: Port) -> Sql:
    """An array as it is, real or in double precision: a cast to real raises an error for small
    numbers, and one of real takes time."""
    return array


def examine(connection: Any, is_cluster: bool) -> Iterable[Check]:
    """See pgvector.doctor, which imports a driver."""
    from exporter.engines.pgvector import doctor

    return doctor.examine(connection, is_cluster)


def find_lost(connection: Any, model: str) -> Iterable[Difference]:
    """See pgvector.doctor."""
    from exporter.engines.pgvector import doctor

    return doctor.find_lost(connection, model)


PGVECTOR = Engine(
    name="pgvector",
    title="PL/pgSQL and pgvector",
    lacks=LACKS,
    problems=find_problems,
    rights=("Rights: CREATE in the database, no superuser's.",),
    needs=(
        "The extension vector (pgvector 0.5 or later) must be in the database, or may be made in",
        "it by this role.",
        "The weights are in the text of functions, which all who may connect can read.",
    ),
    making=Statements(
        checks=(
            Step(
                "check the extension vector",
                "check_extension",
                {"oldest": [number(n) for n in OLDEST], "oldest_text": ".".join(map(str, OLDEST))},
            ),
        ),
        runtime=make_runtime,
        owner_helpers=MappingProxyType(
            {
                "vector_row": Sql("export_model.vector_row(double precision[], integer[], text)"),
                "vector_place": Sql("export_model.vector_place(double precision[], integer)"),
                "vector_times": Sql(
                    "export_model.vector_times(double precision, double precision)"
                ),
                "vector_over": Sql("export_model.vector_over(double precision, double precision)"),
                "vector_slide": Sql(
                    "export_model.vector_slide(double precision[], double precision[], integer,"
                    " integer, integer, integer, integer, integer, integer)"
                ),
                "vector_unknown": Sql("export_model.vector_unknown(text, integer)"),
            }
        ),
        helpers=MappingProxyType(
            {
                "vector_problem": Sql(
                    "export_model.vector_problem(double precision[], integer[], text)"
                )
            }
        ),
        closed_helpers=MappingProxyType({}),
        shared=tuple,
        functions=make_functions,
        message=message,
        row_message=row_message,
        packs_rows=True,
        keeps=False,
        packer="pack",
        examine=examine,
        find_lost=find_lost,
    ),
)

PGVECTOR_TABLE = replace(
    PGVECTOR,
    name="pgvector-table",
    problems=find_stored_problems,
    needs=(
        *PGVECTOR.needs[:-1],
        "The weights are in a table that only its owner reads; functions read it for others.",
    ),
    making=replace(PGVECTOR.making, functions=partial(make_functions, is_stored=True)),
)
"""The same with the weights in a table; a version's row tells it by this name."""
