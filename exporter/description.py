"""What a model is made of, as text, as facts, and as a table."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from exporter.errors import VerificationError, counted, list_names
from exporter.facts import Shown, html_table, text_table
from exporter.formats import FORMATS
from exporter.ir.columns import Column
from exporter.ir.graph import Graph, Port, format_shape
from exporter.ir.ops import Op
from exporter.ir.windows import Window, row_columns
from exporter.samples import SAMPLES, draw_inputs, measure

MAX_PORTS = 3  # inputs, or outputs, in a repr
MAX_LABELS = 40  # classes in a line; facts() has all
HEADER = ("layer", "op", "shape", "weights")


@dataclass(frozen=True, eq=False)
class Description(Shown):
    """A network as it is in the file, and as it is scored."""

    graph: Graph
    scored: Graph
    window: Window | None = None

    @cached_property
    def reach(self) -> str:
        """How much of a model of columns so many sample rows reach as an export has by default."""
        if not self.scored.columns:
            return ""
        try:
            return str(measure(self.scored, draw_inputs(self.scored, SAMPLES)))
        except VerificationError as error:
            return str(error)

    @property
    def width(self) -> int:
        """How many columns a row of the window has; 0 without one."""
        return 0 if self.window is None else len(row_columns(self.scored, self.window.length))

    def facts(self) -> dict[str, Any]:
        """Everything there is to say of it; lists of layers with their parameters."""
        graph = self.graph
        return {
            "file": graph.source.file_name,
            "sha256": graph.source.sha256,
            "format": graph.source.format,
            "format_version": graph.source.format_version,
            "source_uri": graph.source.uri or None,
            "source_revision": graph.source.revision or None,
            "preprocessing": [
                {
                    "file": item.file_name,
                    "sha256": item.sha256,
                    "format": item.format,
                    "format_version": item.format_version,
                    "source_uri": item.uri or None,
                    "source_revision": item.revision or None,
                }
                for item in graph.source.preprocessing
            ],
            "parameters": graph.parameters,
            "inputs": _ports(graph.inputs),
            "columns": [
                {"name": column.name, "kind": column.kind, "nulls": column.nulls}
                for column in graph.columns
            ],
            "window": None if self.window is None else self.window.facts() | {"width": self.width},
            "outputs": _ports(graph.outputs),
            "labels": self.scored.labels,
            "layers": _steps(graph),
            "scored": _steps(self.scored),
            "reach": self.reach,
            "warnings": graph.warnings,
            "unsupported": [],
        }

    def __str__(self) -> str:
        graph = self.graph
        lines = [
            f"{item.file_name}: {count}saved by {FORMATS[item.format].title}"
            f" {item.format_version}, sha256 {item.sha256[:12]}"
            for item in graph.source.files
            for count in [f"{graph.parameters:,} parameters, " if item is graph.source else ""]
        ]
        lines += [f"from    {item.origin}" for item in graph.source.files if item.uri]
        lines += [f"input   {_port_text(port)}" for port in graph.inputs if not port.columns]
        lines += [f"column  {_column_text(column)}" for column in graph.columns]
        if self.window is not None:
            lines.append(f"takes   {self.window}, {counted(self.width, 'column')} each")
        tables = {"As in the file": _rows(graph), "As it is scored": _rows(self.scored)}
        if len(set(map(tuple, tables.values()))) == 1:
            tables = {"As in the file, and as it is scored": _rows(graph)}
        for title, rows in tables.items():
            count = counted(len(rows), "step")
            lines += ["", f"{title}, {count}:", text_table(HEADER, rows)]
        lines.append("")
        lines += [f"output  {_port_text(port)}" for port in graph.outputs]
        if self.scored.labels:
            lines.append(f"classes {list_names(self.scored.labels, MAX_LABELS)}{self._tell_side()}")
        if self.reach:
            lines.append(f"proof   {self.reach}")
        lines.append("Everything in it can be exported.")
        return "\n".join(lines)

    def _tell_side(self) -> str:
        """Of two classes and one number, which of both a high score speaks for."""
        labels, outputs = self.scored.labels, self.scored.outputs
        if len(labels) != 2 or len(outputs) != 1 or outputs[0].shape not in ((), (1,)):
            return ""
        return f"; a higher score speaks for {labels[1]}"

    def __repr__(self) -> str:
        """What it is of, on one line; str() has all of it."""
        graph = self.graph
        inputs = [f"input {_port_text(port)}" for port in graph.inputs if not port.columns]
        columns = [counted(len(graph.columns), "column")] if graph.columns else []
        parts = [
            f"{FORMATS[graph.source.format].title} {graph.source.format_version}",
            f"{graph.parameters:,} parameters",
            *inputs[:MAX_PORTS],
            *columns,
            *(f"output {_port_text(port)}" for port in graph.outputs[:MAX_PORTS]),
            counted(len(self.scored.nodes), "step"),
        ]
        return f"<Description of {graph.source.file_name}: {'; '.join(parts)}; print it for all>"

    def _repr_html_(self) -> str:
        """A notebook calls this."""
        ports = [
            (kind, port.name, format_shape(port.shape))
            for kind, some in (("input", self.graph.inputs), ("output", self.graph.outputs))
            for port in some
        ]
        return html_table(HEADER, _rows(self.graph)) + html_table(("", "name", "shape"), ports)


def _ports(ports: tuple[Port, ...]) -> list[dict[str, Any]]:
    return [{"name": port.name, "shape": port.shape, "dtype": port.dtype} for port in ports]


def _column_text(column: Column) -> str:
    """Name and kind, and what a NULL in it means."""
    null = "gives NULL" if column.nulls == "null" else "reaches the model as a missing value"
    return f"{column.name}: {column.kind}, NULL {null}"


def _port_text(port: Port) -> str:
    """Name and shape, and what it holds where that is not float32."""
    kind = {"float32": "", "float64": " in float64", "text": " texts"}[port.dtype]
    return f"{port.name}: {format_shape(port.shape)}{kind}"


def _rows(graph: Graph) -> list[tuple[str, ...]]:
    return [
        (n.layer or graph.name, _op_text(n.op), format_shape(n.shape), f"{_weights(n.op):,}")
        for n in graph.nodes
    ]


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


def _op_text(op: Op) -> str:
    return str(op.parameters().get("function") or op.kernel_name)


def _weights(op: Op) -> int:
    return sum(tensor.size for tensor in op.tensors().values())
