"""The text of a version's package: what its templates need to know of a lowered network."""

from __future__ import annotations

from typing import Any

from exporter.databases.oracle.registry import MAX_ARRAY
from exporter.databases.oracle.shared import Units
from exporter.databases.oracle.templates import render
from exporter.databases.oracle.text import ident, literal, number
from exporter.engines.plsql.interface import Output
from exporter.engines.plsql.kinds import kind_of, package_of
from exporter.engines.plsql.layout import write_items
from exporter.engines.plsql.lowering import Lowered
from exporter.engines.plsql.rows import Rows
from exporter.engines.plsql.runtime import in_runtime, spelling
from exporter.ir.graph import format_shape
from exporter.manifest import Manifest
from exporter.sql.text import Sql

MAX_ADVICE = 900  # characters; an error has 2,048 bytes
MAX_BATCH = 500  # rows: more gain nothing, and a batch is what is lost when its consumer stops


def render_package(lowered: Lowered, manifest: Manifest, samples: int) -> Units:
    """Specification and body of the package of a version with so many samples."""
    variables = _Variables(lowered, manifest, samples).all()
    return Units(
        lowered.names.package,
        render("package_spec", variables, spelling()),
        render("package_body", variables, spelling()),
    )


class _Variables:
    """Works out the variables of both templates."""

    def __init__(self, lowered: Lowered, manifest: Manifest, samples: int) -> None:
        self.lowered = lowered
        self.manifest = manifest
        self.samples = samples
        self.graph = lowered.graph
        self.interface = lowered.interface
        self.signature = lowered.interface.signature
        self.rows = Rows(lowered.interface)

    def all(self) -> dict[str, Any]:
        """Every one of them."""
        is_one_table = self.interface.inputs[0].kind == self.interface.outputs[0].kind
        results = self._results()
        return {
            **self.rows.variables(),
            **self._network(),
            "package": self.lowered.names.package,
            "model": self.lowered.names.model,
            "version": self.manifest.version,
            "source": self.graph.source.title,
            "exporter": self.manifest.exporter,
            "cursor_advice": self._cursor_advice(),
            "outputs": [self._output(item) for item in self.interface.outputs],
            "results": results,
            "calls": [*self.lowered.forward.lines, *(item["call"] for item in results)],
            "label": {
                "runtime": results[-1]["runtime"],
                "alone": self._label(results[-1], Sql("1")),
                "batched": self._label(results[-1], Sql("l_places(i)")),
            },
            "labels": write_items([literal(label) for label in self.signature.labels], 4),
            "has_labels": bool(self.signature.labels),
            "window": self._window(),
            "samples": self.samples,
            "table_rows": self.samples * (1 + is_one_table),
            "tolerance": self.manifest.tolerance,
        }

    def _network(self) -> dict[str, Any]:
        """Weights, variables and sizes of what forward() does."""
        forward = self.lowered.forward
        is_free = any(item.is_free for item in self.interface.inputs)
        batch = 1 if is_free else MAX_BATCH
        count = forward.weights.count_parts
        return {
            "batch": min(batch, max(1, MAX_ARRAY // forward.largest)),
            "stores": [
                {
                    "variable": kind.parts,
                    "runtime": package_of(kind),
                    "table": kind.weights,
                    "parts": count(kind),
                }
                for kind in (kind_of("float32"), kind_of("float64"))
                if count(kind)
            ],
            "weights": [
                {"variable": item.variable, "type": item.type_name, "comment": item.comment,
                 "loads": list(item.loads)}
                for item in forward.weights.globals
            ],
            "locals": [
                {"variable": variable, "type": array} for variable, array in forward.locals.items()
            ],
            "lengths": [ident(f"l_length_{n}") for n in range(1, forward.lengths + 1)],
        }  # fmt: skip

    def _output(self, output: Output) -> dict[str, Any]:
        is_number = output.is_number
        opening = Sql("{}(to_{}(").format(output.kind.array, output.kind.element)
        return {
            "name": output.port.name,
            "function": output.function,
            "column": output.function,
            "is_number": is_number,
            "returns": output.returns,
            "array": Sql("l_y{}").format(output.suffix),
            "numbers": output.numbers,
            "runtime": package_of(output.kind),
            "opening": opening if is_number else Sql(""),
            "closing": Sql("))") if is_number else Sql(""),
            "shape": format_shape(output.port.shape),
        }

    def _window(self) -> dict[str, Any] | None:
        """What score_windows needs to know, of a model of windows."""
        window = self.signature.window
        if window is None:
            return None
        (item,) = self.interface.inputs
        columns = sorted(window.columns, key=lambda column: column.place)
        variables = [ident(f"l_x{place}") for place in range(1, len(columns) + 1)]
        value = Sql("l_values(l_slot + j)")
        return {
            "length": window.length,
            "step": window.step,
            "width": len(columns),
            "columns": [{"variable": v, "type": in_runtime("t_column")} for v in variables],
            "column_list": write_items(variables, 8),
            "row": [Sql("{}(i)").format(variable) for variable in variables],
            "to_element": value
            if item.kind == kind_of("float64")
            else Sql("to_binary_float({})").format(value),
            "put": self.rows.put(0, Sql("l_window"), Sql("l_count + 1")),
            "advice": _shortened(", ".join(column.name for column in columns)),
        }

    @property
    def _choice(self) -> int | None:
        """The value that tells a row's label by its place, where neither the largest score nor a
        threshold does."""
        has_own = self.signature.labels and self.signature.threshold is None
        return self.graph.choice if has_own else None

    def _results(self) -> list[dict[str, Any]]:
        """What forward() gives: the outputs, then what tells labels."""
        outputs = self.interface.outputs
        values = [(output.port.value, output.suffix, output.kind) for output in outputs]
        if self._choice is not None:
            kind = kind_of(self.graph.dtypes[self._choice])
            values.append((self._choice, Sql("_choice"), kind))
        return [
            {
                "argument": Sql("p_y{}").format(suffix),
                "array": Sql("l_y{}").format(suffix),
                "type": kind.array,
                "runtime": package_of(kind),
                "call": Sql("p_y{} := {};").format(suffix, self.lowered.forward.finish(value)),
            }
            for value, suffix, kind in values
        ]

    def _label(self, result: dict[str, Any], row: Sql) -> Sql:
        """The call that gives a row's label."""
        name = "label_of" if self._choice is None else "label_at"
        arguments = [result["array"], row, Sql("gc_labels")]
        if self.signature.threshold is not None:
            arguments.append(number(self.signature.threshold))
        return Sql("{}.{}({})").format(result["runtime"], ident(name), Sql(", ").join(arguments))

    def _cursor_advice(self) -> str:
        """What the columns of a cursor are, after the id."""
        if self.interface.features:
            text = "the features " + ", ".join(self.signature.features)
        else:
            names = ", ".join(item.name for item in self.interface.inputs)
            text = f"an array of type utl_nla_array_flt for each input: {names}"
        return _shortened(text)


def _shortened(text: str) -> str:
    """As much of a list of names as an error has room for."""
    return text if len(text) <= MAX_ADVICE else text[:MAX_ADVICE] + "..."
