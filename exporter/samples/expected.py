"""Sample rows with their expected outputs, and by how much scores may differ from them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from exporter.engines.reference import Array, evaluate
from exporter.errors import VerificationError
from exporter.formats.format import Answer
from exporter.ir.graph import Graph, Port
from exporter.ir.ops import Cast, Constant, Trees, Unary
from exporter.ir.passes import simplify
from exporter.ir.plan import Plan, Signature, plan_graph
from exporter.samples.reach import measure

ILL_CONDITIONED = 4  # times what float32 costs the row in the middle: such rows prove little
AGREEMENT = 10  # times the tolerance: what a framework may differ by, for it may be rounding
REPORT = (
    "Please report it with the model file (or its configuration);"
    " --expected-by float64 exports it on this program's word."
)
ROUNDING = 25  # times the tolerance, where rounding costs much: beyond it something is wrong
BASE_TOLERANCE = {"float32": 1e-5, "float64": 1e-9}  # of scores that are computed in it


@dataclass(frozen=True, eq=False)
class Samples:
    """Rows with expected outputs, scored in the database before a deployment is accepted.

    Shapes: one array (rows, ...) for each input and output. expected_by says who computed them.
    A score may differ from its expected output e by tolerance * max(1, |e|). reach says how much of
    the model they reach, where that is known.
    """

    inputs: tuple[Array, ...]
    outputs: tuple[Array, ...]
    expected_by: str
    tolerance: float
    reach: str = ""

    def __len__(self) -> int:
        return len(self.inputs[0]) if self.inputs else 0


def expect_outputs(plan: Plan, inputs: tuple[Array, ...], least: float = 0.0) -> Samples:
    """Samples with outputs by this program in float64, each in its own type.

    The tolerance starts at base_tolerance(), or at least where that is more, and grows with what
    float32 costs this very network: four times the difference between its evaluation as in a
    database and that in float64 on the samples. Rows that differ by far more than others, because
    a number overflows or cancels, are left out: they would raise the tolerance for all.
    """
    with np.errstate(all="ignore"):
        single = evaluate(plan, list(inputs), "float32")
        double = evaluate(plan, list(inputs), "float64")
        exact = [e.astype(s.dtype) for s, e in zip(single, double, strict=True)]
    base = max(least, base_tolerance(exact))
    pairs = list(zip(single, exact, strict=True))
    each = [max(scaled_difference(s[n], e[n]) for s, e in pairs) for n in range(len(inputs[0]))]
    limit = max(base / 4, ILL_CONDITIONED * float(np.median(each)))
    kept = [n for n, difference in enumerate(each) if difference <= limit]
    rounding = max(each[n] for n in kept)
    return Samples(
        inputs=tuple(array[kept] for array in inputs),
        outputs=tuple(array[kept] for array in exact),
        expected_by="export-model, float64",
        tolerance=max(base, 4 * rounding),
    )


def base_tolerance(outputs: Sequence[Array]) -> float:
    """What scores may be off in any case, from the outputs in their own types."""
    return max(BASE_TOLERANCE[output.dtype.name] for output in outputs)


def rounds_to_float32(graph: Graph) -> bool:
    """Whether something on the way is computed in float32, and not only compared or moved. The sums
    of trees are the framework's to the last bit."""
    return any(
        graph.dtypes[node.value] == "float32"
        and not (node.op.traits.moves or isinstance(node.op, Cast | Trees | Constant | Unary))
        for node in graph.nodes
    )


def transform(
    graph: Graph, inputs: tuple[Array, ...], port: Port, length: int | None = None
) -> tuple[Array, ...]:
    """What a transformer makes of rows in float64, as the input of the model behind it takes it,
    with length for a free one."""
    simple = simplify(graph)
    names = tuple(column.name for column in simple.columns)
    (array,) = evaluate(plan_graph(simple, Signature(graph.name, names)), list(inputs))
    return (array.astype(port.dtype).reshape(-1, *(n or length or 0 for n in port.shape)),)


def make_samples(
    graph: Graph,
    plan: Plan,
    inputs: tuple[Array, ...],
    ask: Callable[[tuple[Array, ...]], Answer] | None = None,
) -> Samples:
    """Samples with outputs by the framework that ask gives, else by this program in float64.

    Raises: VerificationError, when the framework computes something else.
    """
    least = BASE_TOLERANCE["float32"] if rounds_to_float32(graph) else 0.0
    samples = expect_outputs(plan, inputs, least)
    samples = replace(samples, reach=str(measure(graph, samples.inputs)))
    answer = Answer(None, "", "not asked") if ask is None else ask(samples.inputs)
    if answer.outputs is None:
        return samples
    difference = _compare(graph, answer.who, answer.outputs, samples, least)
    return replace(
        samples,
        outputs=answer.outputs,
        expected_by=answer.who,
        tolerance=max(samples.tolerance, 2 * difference),
    )


def _compare(
    graph: Graph, who: str, expected: tuple[Array, ...], samples: Samples, least: float
) -> float:
    """By how much outputs differ from those that this program computed; least is the smallest
    tolerance that they may have.

    Raises: VerificationError, when it is more than rounding, with the two numbers.
    """
    shapes = [array.shape for array in expected], [array.shape for array in samples.outputs]
    if shapes[0] != shapes[1]:
        raise VerificationError(
            f"{who} gives outputs of shapes {shapes[0]} for the sample rows, this program"
            f" {shapes[1]}, so one of them is wrong and nothing is exported. {REPORT}"
        )
    worst = [worst_difference(a, b) for a, b in zip(expected, samples.outputs, strict=True)]
    number = max(range(len(worst)), key=lambda n: worst[n][0])
    difference, place = worst[number]
    allowed = AGREEMENT * max(least, base_tolerance(samples.outputs))
    if difference <= max(allowed, samples.tolerance):
        return difference
    if allowed < samples.tolerance and difference <= ROUNDING * samples.tolerance:
        raise VerificationError(
            f"the model is ill-conditioned: {who} and this program differ by {difference:.2g} on"
            f" its sample rows, where rounding alone makes {samples.tolerance / 4:.2g}: another"
            " processor gives other scores again. Nothing is exported. Train it on inputs that are"
            " scaled to about 1, or name rows that it is used for by --samples-from;"
            " --expected-by float64 exports it as it is."
        )
    index = f"[{', '.join(map(str, place[1:]))}]" if len(place) > 1 else ""
    raise VerificationError(
        f"{who} and this program differ by {difference:.2g} on sample rows of this file,"
        f" so one of them is wrong and nothing is exported: in row {place[0]}, output"
        f' "{graph.outputs[number].name}"{index} is {expected[number][place]:.7g} by {who} and'
        f" {samples.outputs[number][place]:.7g} by this program. {REPORT}"
    )


def worst_difference(a: Array, b: Array) -> tuple[float, tuple[int, ...]]:
    """The largest scaled difference, and where it is."""
    differences = _scaled(a, b)
    if not differences.size:
        return 0.0, ()
    place = np.unravel_index(int(differences.argmax()), differences.shape)
    return float(differences[place]), tuple(int(n) for n in place)


def scaled_difference(a: Array, b: Array) -> float:
    """Largest |a - b| / max(1, |b|), NaN equal to NaN and infinities to themselves."""
    return float(_scaled(a, b).max(initial=0.0))


def _scaled(a: Array, b: Array) -> Array:
    a, b = a.astype(np.float64), b.astype(np.float64)
    with np.errstate(invalid="ignore"):
        difference = np.abs(a - b) / np.maximum(1, np.abs(b))
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    return np.where(same, 0.0, np.where(np.isnan(difference), np.inf, difference))
