"""Packages in a database of the interpreter: deployed, called, and spoiled."""

from __future__ import annotations

import re
from collections.abc import Sequence
from types import TracebackType
from typing import Any

import numpy as np
from plsql.machine import Cursor, Database, Session
from plsql.values import Collection, PlsqlError

from exporter.databases.oracle.assembly import fletcher, stored_sample
from exporter.databases.oracle.registry import Part, make_table
from exporter.databases.oracle.shared import Units
from exporter.engines.plsql.runtime import PACKAGES, runtime_units
from exporter.engines.reference import evaluate
from exporter.ir.graph import Graph
from exporter.ir.plan import Plan, Signature
from exporter.samples import Samples
from oracle.packages import compiled

OracleError = PlsqlError
OWNER = "OWNER"
TABLES = ("weights", "weights_double", "samples", "samples_double", "samples_text")
Row = Sequence[Sequence[float | None]]

INSERT_PART = """insert into {}
  (version, part, tensor, first_number, numbers, sum_1, sum_2, data)
values (:version, :part, :tensor, :first_number, :numbers, :sum_1, :sum_2, :data)"""
INSERT_SAMPLE = """insert into {}
  (version, sample, is_output, port, name, numbers)
values (:version, :sample, :is_output, :port, :name, :numbers)"""


def flat_rows(inputs: Sequence[np.ndarray]) -> list[list[list[float | None]]]:
    """For each row one list of numbers, or of texts, for each input."""
    arrays = [x if x.dtype == object else x.astype(float) for x in inputs]
    return [[x[row].ravel().tolist() for x in arrays] for row in range(len(inputs[0]))]


def plain(value: Any) -> Any:
    """Arrays as lists."""
    if isinstance(value, Collection):
        return list(value.a)
    return tuple(map(plain, value)) if isinstance(value, tuple) else value


class Oracle:
    """A database with the tables of the registry and nn_runtime."""

    def __init__(self, version: str = "19", orders_nan: bool = True) -> None:
        self.version = version
        self.database = Database(version, orders_nan=orders_nan)
        session = self.database.session(OWNER)
        for table in TABLES:
            session.execute(make_table(table))
        self.runtime = runtime_units()
        for package in PACKAGES:
            units = runtime_units(package)
            session.execute(units.spec)
            session.execute(units.body)
        session.close()

    def package(
        self, graph: Graph, signature: Signature | None = None
    ) -> tuple[Plan, Samples, Units, list[Part]]:
        """A network's plan, samples, package and weights."""
        return compiled(graph, signature, self.version)

    def deploy(self, graph: Graph, signature: Signature | None = None) -> Model:
        """The network as a package, until the end of a with statement."""
        return Model(self, graph, signature or Signature("m"))


class Model:
    """A deployed package and a session that uses it."""

    def __init__(self, oracle: Oracle, graph: Graph, signature: Signature) -> None:
        self.oracle = oracle
        self.graph = graph
        self.signature = signature
        self.plan, self.samples, self.units, self.parts = oracle.package(graph, signature)
        self.package = self.units.name
        names = re.findall(r'^  function ("[^"]+"|\w+)\(', self.units.spec, flags=re.M)
        own = {"label", "score_table", "label_table"}
        self.functions = [name for name in dict.fromkeys(names) if name not in own]
        self.session = self.new_session()

    def __enter__(self) -> Model:
        try:
            self._insert_rows()
            self.session.execute(self.units.spec)
            self.session.execute(self.units.body)
        except BaseException:
            self.remove()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.remove()

    def remove(self) -> None:
        """Drop the package and its rows."""
        session = self.new_session()
        for table in TABLES:
            session.execute(
                f"delete from export_model_{table} where version = :v", {"v": self.plan.version}
            )
        session.commit()
        found = session.query(
            "select count(*) from user_objects where object_type = 'PACKAGE' and object_name = :n",
            {"n": self.package.strip('"') if '"' in self.package else self.package.upper()},
        )
        if found[0][0]:
            session.execute(f"drop package {self.package}")
        session.close()
        self.session.close()

    def _insert_rows(self) -> None:
        for part in self.parts:
            sum_1, sum_2 = fletcher(part.array)
            table = "export_model_weights" + "_double" * (part.array.dtype == np.float64)
            self.session.execute(
                INSERT_PART.format(table),
                {
                    "version": self.plan.version,
                    "part": part.number,
                    "tensor": part.tensor,
                    "first_number": part.first_number,
                    "numbers": int(part.array.size),
                    "sum_1": sum_1,
                    "sum_2": sum_2,
                    "data": part.array,
                },
            )
        sides = (
            (self.graph.inputs, self.samples.inputs),
            (self.graph.outputs, self.samples.outputs),
        )
        for sample in range(len(self.samples)):
            for is_output, (ports, arrays) in enumerate(sides):
                for place, (port, array) in enumerate(zip(ports, arrays, strict=True)):
                    values, table = stored_sample(array[sample], port)
                    self.session.execute(
                        INSERT_SAMPLE.format(table),
                        {
                            "version": self.plan.version,
                            "sample": sample,
                            "is_output": is_output,
                            "port": place,
                            "name": port.name,
                            "numbers": values,
                        },
                    )
        self.session.commit()

    # Scores.

    def new_session(self) -> CountingSession:
        """A session of the owner."""
        return CountingSession(self.oracle.database, self.oracle.database.user(OWNER))

    def other_session(self) -> OtherSession:
        """Another session that calls the same package."""
        return OtherSession(self, self.new_session())

    def expected(self, inputs: Sequence[np.ndarray]) -> list[np.ndarray]:
        """What the network computes in float64."""
        return evaluate(self.plan, list(inputs), "float64")

    def call(self, function: str, *arguments: Any, **named: Any) -> Any:
        """Call a function, or the procedure verify, of the package."""
        name = f"{self.package}.{function}"
        if function == "verify":
            return self.session.call_procedure(name)
        return plain(self.session.call(name, *arguments, **named))

    def score(self, *arrays: Any, output: int = 0) -> Any:
        """The score of a row, an array for each input."""
        return self.call(self.functions[output], *arrays)

    def table(
        self,
        function: str,
        rows: Sequence[Row],
        ids: Sequence[Any] | None = None,
        stop_after: int | None = None,
    ) -> list[tuple[Any, ...]]:
        """Rows of a table function over a cursor of rows."""
        keys = [str(n) for n in range(len(rows))] if ids is None else ids
        has_features = bool(self.signature.features)
        spread = [[x for array in row for x in array] if has_features else row for row in rows]
        cursor = ([key, *row] for key, row in zip(keys, spread, strict=True))
        found = self.session.select_table_function(f"{self.package}.{function}", cursor, stop_after)
        return [plain(record) for record in found]

    def score_table(
        self, rows: Sequence[Row], ids: Sequence[Any] | None = None
    ) -> list[tuple[Any, ...]]:
        """Rows of score_table."""
        return self.table("score_table", rows, ids)

    @property
    def last_cursor_is_closed(self) -> bool:
        """Whether the cursor that was given to a table function last was closed."""
        cursor: Cursor = self.session.cursors[-1]
        return not cursor.is_open

    def verify(self) -> tuple[int, int, float]:
        """What verify counts: samples, failures, the largest difference."""
        types = ("pls_integer", "pls_integer", "binary_double")
        results = [self.session.variable(name) for name in types]
        self.session.call_procedure(f"{self.package}.verify", *results)
        samples, failed, difference = (item.value for item in results)
        return int(samples), int(failed), difference

    @staticmethod
    def doubles(row: Sequence[float]) -> np.ndarray:
        """An array of BINARY_DOUBLE."""
        return np.array(row, np.float64)

    def null_array(self) -> Any:
        """A null of type utl_nla_array_flt."""
        return self.session.variable("utl_nla_array_flt")

    # Spoiling.

    def _change(self, sql: str, **binds: Any) -> None:
        session = self.new_session()
        session.execute(sql, {"version": self.plan.version, **binds})
        session.commit()
        session.close()

    def delete_part(self, part: int) -> None:
        """Lose a part of the weights."""
        self._change(
            "delete from export_model_weights where version = :version and part = :part", part=part
        )

    def part(self, part: int) -> list[float]:
        """The numbers of a part."""
        return [float(value) for value in self.parts[part].array]

    def replace_part(self, part: int, numbers: Sequence[float]) -> None:
        """Put other numbers into a part."""
        self._change(
            "update export_model_weights set data = :data"
            " where version = :version and part = :part",
            part=part,
            data=np.array(numbers, np.float32),
        )

    def scale_sums(self, factor: float) -> bool:
        """Let all sums of weights be larger or smaller."""
        for number, part in enumerate(self.parts):
            sums = fletcher(part.array)
            self._change(
                "update export_model_weights set sum_1 = :a, sum_2 = :b"
                " where version = :version and part = :part",
                part=number,
                a=sums[0] * factor,
                b=sums[1] * factor,
            )
        return True

    def delete_sample(self, sample: int) -> None:
        """Lose a sample."""
        self._change(
            "delete from export_model_samples where version = :version and sample = :sample",
            sample=sample,
        )

    def shift_sample(self, sample: int, by: float) -> None:
        """Expect something else of a sample."""
        self._change(
            "update export_model_samples set numbers = :numbers"
            " where version = :version and sample = :sample and is_output = 1",
            sample=sample,
            numbers=self.samples.outputs[0][sample].astype(np.float32).ravel() + np.float32(by),
        )

    def recompile(self) -> None:
        """Compile the package again, in another session."""
        session = self.new_session()
        session.execute(f"alter package {self.package} compile body")
        session.close()


class CountingSession(Session):
    """A session with the counts that tests look at."""

    @property
    def calls(self) -> int:
        """Calls of UTL_NLA."""
        return sum(self.nla_calls.values())

    @property
    def loops(self) -> int:
        """Iterations of PL/SQL loops."""
        return self.loop_iterations


class OtherSession:
    """A second session of a model."""

    def __init__(self, model: Model, session: Session) -> None:
        self.model = model
        self.session = session

    def call(self, function: str, *arguments: Any) -> Any:
        """Call a function of the package."""
        return plain(self.session.call(f"{self.model.package}.{function}", *arguments))
