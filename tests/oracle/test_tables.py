"""Ops over the columns of tables compute in PL/SQL what the runtime in Python computes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from estimators import lower, rows_of
from scipy.sparse import issparse
from sklearn import svm
from sklearn_fits import columns, expected
from zoo_sklearn import CASES, hard_rows

from exporter.engines.plpython.runtime import runtime
from exporter.engines.plsql.runtime import runtime_units
from exporter.errors import UnsupportedError
from exporter.ir import ops
from exporter.ir.graph import Graph, Node, Port
from exporter.ir.ops import Op, Tensor, as_tensor
from exporter.ir.passes import simplify
from oracle.networks import SOURCE
from oracle.server import OWNER, Oracle, OracleError

EXACT = 1e-12  # of max(1, |y|): a few steps of float64
HARD = [
    0.0, 1.0, -1.0, 5e-324, 1e-300, 1e-16, -1e-16, 1e-5, 1e16, -1e300, 0.5, np.nan, np.inf, -np.inf,
    2.5, 3.0, 1e-7, -1e-7, 710.0, -745.0, np.nextafter(2.5, 3), np.nextafter(2.5, 2),
]  # fmt: skip
ROWS = np.array([np.roll(HARD, shift) for shift in (0, 4, 8)]).T
UFUNCS = sorted(runtime().UFUNCS)


def double(values: object) -> Tensor:
    """Weights of float64."""
    return as_tensor(np.asarray(values), dtype="float64")


EDGES = double([0.0, 1.0, 2.5, 0.5, 3.0])
QUANTILES = np.sort(np.random.default_rng(1).integers(-3, 5, (9, 3)), axis=0).astype(float)
LAMBDAS = double([0.0, 1.7, -1.3])
MAPPED = ops.MapNumbers(
    double([0.0, 1.0, 2.5, -1.0, 0.5, 3.0]), double([10, 20, 30, 40, 50, np.nan]), (3, 0, 3),
    double([-1.0, -2.0, np.nan]), double([-5.0, -6.0, -7.0]), (), (),
)  # fmt: skip
OPS: dict[str, Op] = {
    "select": ops.Select((2, 0, 0, 1)),
    "impute": ops.Impute(double([1.5, np.nan, 7.0])),
    "impute 0": ops.Impute(double([1.5, 2.5, 7.0]), 0.0),
    "is_missing": ops.IsMissing(),
    "is_missing 1": ops.IsMissing(1.0),
    "map_numbers": MAPPED,
    "discretize": ops.Discretize(EDGES, (3, 0, 2)),
    "discretize with slack": ops.Discretize(EDGES, (3, 0, 2), slack=True),
    **{f"normalize {norm}": ops.NormalizeRow(norm, 1e-15) for norm in ("l1", "l2", "max")},
    **{f"power {name}": ops.PowerTransform(name, LAMBDAS) for name in ("yeo-johnson", "box-cox")},
    **{f"inverse {name}": ops.PowerInverse(name, LAMBDAS) for name in ("yeo-johnson", "box-cox")},
    **{
        f"quantiles {normal}": ops.QuantileTransform(
            double(QUANTILES), double(np.linspace(0, 1, 9)), normal
        )
        for normal in (False, True)
    },
    "products": ops.Products(((-1, -1), (-1, 0), (0, 1), (2, 2))),
    **{
        f"interpolate {outside}": ops.Interpolate(
            double([-1.0, 0.0, 0.5, 2.0, 2.0, 3.0]), double([0, 1, 1, 2, 5, 9]), outside
        )
        for outside in ("clip", "nan")
    },
    "squared_distances": ops.SquaredDistances(double(QUANTILES[:4])),
    "weighted_median": ops.WeightedMedian(double([0.5, 1.5, 1.25])),
    "decide": ops.Decide(),
    **{f"ufunc {name}": ops.Ufunc(name) for name in UFUNCS},
}


def check_each(found: object, wanted: object, tolerance: float, what: str) -> None:
    """Fail unless each number is within the tolerance of max(1, |wanted|), or NaN as wanted."""
    found, wanted = np.asarray(found, np.float64), np.asarray(wanted, np.float64)
    with np.errstate(all="ignore"):
        difference = np.abs(found - wanted) / np.maximum(1, np.abs(wanted))
    is_same = (found == wanted) | (np.isnan(found) & np.isnan(wanted)) | (difference <= tolerance)
    assert is_same.all(), (what, found[~is_same][:3], wanted[~is_same][:3])


def side_by_side(chains: Sequence[Sequence[Op]], width: int) -> Graph:
    """Chains of ops on the same input of float64, each an output."""
    nodes: list[Node] = []
    outputs = []
    for number, chain in enumerate(chains):
        value, shape = 0, (width,)
        for op in chain:
            shape = op.output_shape(shape)
            nodes.append(Node(op, (value,), len(nodes) + 1, shape, op.kernel_name))
            value = len(nodes)
        outputs.append(Port(f"y{number}", value, shape, "float64"))
    inputs = (Port("x", 0, (width,), "float64"),)
    return Graph("ops", inputs, tuple(nodes), tuple(outputs), SOURCE, 0)


def check(oracle: Oracle, graph: Graph, inputs: list[np.ndarray], names: Sequence[str]) -> None:
    """Fail unless all outputs of all rows are what the reference computes."""
    with oracle.deploy(graph) as model, np.errstate(all="ignore"):
        wanted_all = model.expected(inputs)
        count = len(inputs[0])
        table = model.score_table([[x[row] for x in inputs] for row in range(count)])
        for place, (name, wanted) in enumerate(zip(names, wanted_all, strict=True)):
            found = np.array([np.ravel(record[1 + place]) for record in table], np.float64)
            check_each(found, wanted.reshape(count, -1), EXACT, name)
        one = model.score(*[x[0] for x in inputs])
        check_each(np.ravel(one), np.ravel(wanted_all[0][0]), EXACT, "one row")


def test_every_op_on_hard_rows(oracle: Oracle) -> None:
    """Of reciprocal without -0, which Oracle does not have."""
    check(oracle, side_by_side([[op] for op in OPS.values()], 3), [ROWS], list(OPS))


@pytest.mark.parametrize("outside", ["constant", "linear", "continue", "periodic"])
def test_splines_on_knots_and_beside(oracle: Oracle, outside: str) -> None:
    check_splines(oracle, outside)


def check_splines(oracle: Oracle, outside: str) -> None:
    """Of all degrees, with and without the last spline, over two columns of other knots."""
    chains = []
    for degree in (1, 2, 3):
        knots = np.stack([np.arange(-3.0, 8.0), np.arange(-3.0, 8.0) ** 3], axis=1)
        chains += [[ops.Splines(double(knots), degree, outside, last)] for last in (True, False)]
    marks = np.array([-1e300, -5.0, -1, 0, 1e-16, 1, 2.5, 3, 4, 5, 5.5, 64, 125, 1e16, np.nan])
    marks = np.concatenate([marks, np.nextafter(marks, np.inf), np.nextafter(marks, -np.inf)])
    rows = np.stack([marks, marks[::-1]], axis=1)
    check(oracle, side_by_side(chains, 2), [rows], [outside] * len(chains))


@pytest.mark.parametrize(
    ("call", "number", "message"),
    [
        ("map_numbers({y}, {one}, {one}, {s}(1), {one}, {one}, {s}(1), {s}(0))", 1.5,
         r"1\.5.* is none of the 1 categories of its column"),
        ("map_numbers({y}, {one}, {one}, {s}(1), {one}, {one}, {s}(0), {s}(1))", np.nan,
         "a missing number is none of the 1 categories"),
        ("interpolate({y}, utl_nla_array_dbl(0d, 1d), utl_nla_array_dbl(2d, 3d), 'error')", 1.5,
         "is outside of what was fitted"),
        ("splines(:x, 1, utl_nla_array_dbl(-1d, 0d, 1d, 2d), 1, 'error', true, {y})", -0.5,
         "is outside of the knots"),
    ],
)  # fmt: skip
def test_what_the_model_refuses_is_an_error(
    oracle: Oracle, call: str, number: float, message: str
) -> None:
    session = oracle.database.session(OWNER)
    tables, double_ = (runtime_units(name).name for name in ("nn_tables", "nn_double"))
    call = call.format(y="l_y", one="utl_nla_array_dbl(1d)", s=f"{double_}.t_shape")
    with pytest.raises(OracleError, match=message) as caught:
        session.execute(
            f"declare l_y utl_nla_array_dbl := :x; begin {tables}.{call}; end;",
            {"x": session.variable("utl_nla_array_dbl", [number])},
        )
    assert caught.value.code == -20112


@pytest.mark.parametrize("special", [np.nan, np.inf, -np.inf])
def test_an_altered_weight_beside_one_that_is_not_finite_is_noticed(
    oracle: Oracle, special: float
) -> None:
    with oracle.deploy(side_by_side([[ops.Impute(double([special, 7.0]))]], 2)) as model:
        model.session.execute(
            "update export_model_weights_double set data = :data",
            {"data": np.array([special, 7.5])},
        )
        model.session.commit()
        with pytest.raises(OracleError, match="was altered"):
            model.score(np.array([1.0, 2.0]))


def texts(words: Sequence[str | None]) -> str:
    """A t_texts of the runtime."""
    shown = ", ".join("null" if w is None else "'" + w.replace("'", "''") + "'" for w in words)
    return f"{runtime_units('nn_tables').name}.t_texts({shown})"


def shape(numbers: Sequence[int]) -> str:
    """A t_shape of the runtime."""
    return f"{runtime_units('nn_double').name}.t_shape({', '.join(map(str, numbers))})"


def looked_up(
    oracle: Oracle, cells: Sequence[str | None], strict: int = 0, complete: int = 0
) -> list[float]:
    """Numbers of rows of two columns of texts, as map_texts gives them."""
    session = oracle.database.session(OWNER)
    result = session.variable("utl_nla_array_dbl")
    binds = {
        "result": result,
        "v": session.variable("utl_nla_array_dbl", [1, 2, 3, 4, 5, 6]),
        "d": session.variable("utl_nla_array_dbl", [-1.0, -2.0]),
        "a": session.variable("utl_nla_array_dbl", [-3.0, np.nan]),
    }
    tables = runtime_units("nn_tables").name
    words = texts(["no", "größer", "on", "Nurse ", "no", "模型"])
    session.execute(
        f"""declare
          l_y utl_nla_array_dbl;
        begin
          {tables}.map_texts(
            {texts(cells)}, {tables}.vocabulary({words}, {shape([4, 2])}), :v, {shape([4, 2])},
            :d, :a, {shape([strict] * 2)}, {shape([complete] * 2)}, l_y
          );
          :result := l_y;
        end;""",
        binds,
    )
    return list(result.value.a)


def test_texts_are_found_by_their_bytes(oracle: Oracle) -> None:
    """The hash of the interpreter is the same for "no" and "on", and for many others."""
    cells = [
        "no",
        "no",
        "on",
        "on",
        "größer",
        "模型",
        "Größer",
        "模",
        None,
        None,
        "Nurse",
        "x" * 9999,
    ]
    found = looked_up(oracle, cells)
    assert found[:10] == [1, 5, 3, -2, 2, 6, -1, -2, -3, found[9]]
    assert np.isnan(found[9])
    assert found[10:] == [-1, -2]
    assert looked_up(oracle, ["Nurse ", "no"]) == [4, 5]


@pytest.mark.parametrize(
    ("cell", "message"),
    [("big", '"big" is none of the 4 cat'), (None, "a missing text is none of the 4 categories")],
)
def test_unknown_texts_are_errors_where_the_model_says_so(
    oracle: Oracle, cell: str | None, message: str
) -> None:
    with pytest.raises(OracleError, match=message):
        looked_up(oracle, [cell, "no"], strict=1, complete=1)


@pytest.mark.parametrize(
    "op",
    [
        ops.MapTexts(
            (("", "b"),), double([1, 2]), double([0]), double([0]), (), ()
        ),
        ops.ImputeTexts(("",)),
        ops.ImputeTexts(("a",), ""),
        ops.IsMissing(""),
    ],
)  # fmt: skip
def test_an_empty_text_in_a_vocabulary_is_refused(oracle: Oracle, op: Op) -> None:
    """It would be a missing one."""
    nodes = [Node(op, (0,), 1, (1,), "words")]
    if op.output_dtype("text") == "text":
        nodes.append(Node(ops.IsMissing(), (1,), 2, (1,), "none"))
    inputs = (Port("t", 0, (1,), "text"),)
    outputs = (Port("y", len(nodes), (1,), "float64"),)
    with pytest.raises(UnsupportedError, match="cannot tell from a missing one"):
        oracle.package(Graph("g", inputs, tuple(nodes), outputs, SOURCE, 0))


@pytest.mark.parametrize(
    ("op", "message"),
    [
        (
            ops.StringLookup(tuple(map(str, range(10_001))), double(range(10_001)), 0.0),
            "10,001 words, a package takes 10,000",
        ),
        (ops.Select((0,) * 10_001), "10,001 places, a package takes 10,000"),
        (
            ops.StringLookup(("a", "\u00e4" * 8_001), double([1.0, 2.0]), 0.0),
            "a word of 16,002 bytes, and PL/SQL looks up 16,000",
        ),
    ],
    ids=["words", "places", "bytes"],
)
def test_lists_that_a_package_would_have_to_spell_out_are_limited(
    oracle: Oracle, op: Op, message: str
) -> None:
    dtype = "float64" if "places" in message else "text"
    shape = op.output_shape((1,))
    inputs = (Port("t", 0, (1,), dtype),)  # type: ignore[arg-type]
    graph = Graph(
        "g", inputs, (Node(op, (0,), 1, shape, "op"),), (Port("y", 1, shape, "float64"),), SOURCE, 0
    )
    with pytest.raises(UnsupportedError, match=message):
        oracle.package(graph)


SOME = (
    "StandardScaler", "RobustScaler", "MinMaxScaler clip", "Binarizer", "PowerTransformer plain",
    "QuantileTransformer normal", "KBinsDiscretizer kmeans onehot", "SimpleImputer indicator",
    "PolynomialFeatures", "SplineTransformer linear 3", "PCA whiten", "SelectKBest",
)  # fmt: skip


def arrays_of(graph: Graph) -> Graph:
    """A graph that takes an array for each input, and has no labels."""
    ports = tuple(replace(port, columns=()) for port in graph.inputs)
    return simplify(replace(graph, inputs=ports, labels=(), choice=None))


def check_fitted(
    oracle: Oracle, graph: Graph, inputs: list[np.ndarray], wanted: np.ndarray, what: str
) -> None:
    """Fail unless a table of rows scores as scikit-learn says."""
    with oracle.deploy(arrays_of(graph)) as deployed:
        table = deployed.score_table([[row] for row in inputs[0]])
        found = np.array([np.ravel(score) for _, score in table], np.float64)
        check_each(found, wanted.reshape(found.shape), 1e-9, what)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", SOME)
def test_transformers_of_scikit_learn(oracle: Oracle, name: str) -> None:
    """On hard rows, against scikit-learn itself."""
    case = CASES[name]
    model = case.fit()
    graph = lower(model)
    frame = hard_rows(model.transformers_[0][1], case.missing).iloc[::3]
    wanted = model.transform(frame)
    wanted = np.asarray(wanted.toarray() if issparse(wanted) else wanted, np.float64)
    check_fitted(oracle, graph, rows_of(graph, frame), wanted, name)


@pytest.mark.parametrize(
    "model",
    [
        svm.SVC(decision_function_shape="ovr"),
        svm.SVC(kernel="poly", probability=True, random_state=0),
        svm.NuSVR(kernel="sigmoid"),
    ],
    ids=["SVC votes", "SVC pairs", "NuSVR"],
)
@pytest.mark.filterwarnings("ignore")
def test_support_vectors(oracle: Oracle, model: svm.SVC | svm.NuSVR) -> None:
    """Of three classes: a vote for each pair, and probabilities coupled from those of pairs."""
    x = columns()
    score = x @ np.arange(5)
    model.fit(x, np.digitize(score, [-2, 2]))
    rows = np.concatenate([x[:6], np.zeros((1, 5)), x[:1] * 1e8])
    graph = lower(model)
    check_fitted(oracle, graph, rows_of(graph, rows), expected(model, rows), "svm")
