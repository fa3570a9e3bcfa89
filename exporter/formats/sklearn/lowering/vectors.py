"""Support vector machines and kernel ridge regression: sums over kernel values of fitted rows."""

from __future__ import annotations

import numpy as np

from exporter.errors import counted
from exporter.formats.sklearn.inert import Record
from exporter.formats.sklearn.lowering.answering import compare, scaled
from exporter.formats.sklearn.lowering.builder import Block, Value, constants
from exporter.formats.sklearn.lowering.context import (
    AGAIN,
    OLD_VOTES,
    Answers,
    Context,
    Estimator,
    fitting,
)
from exporter.ir.ops import (
    Activation,
    Affine,
    Clip,
    Compare,
    Constant,
    CouplePairs,
    Decide,
    Dense,
    PairVotes,
    Power,
    SquaredDistances,
    Tensor,
    Unary,
)

KERNELS = ("linear", "rbf", "poly", "sigmoid")
LEAST = 1e-7  # probability of a pair, in libsvm


def kernel_sums(
    context: Context,
    x: Value,
    points: Tensor,
    weights: np.ndarray,
    offsets: np.ndarray,
    kernel: str,
    gamma: float,
) -> Value:
    """kernel(x, points) @ weights + offsets, (offsets,).

    The distances of rbf are those of the differences themselves: |x|^2 - 2 x p + |p|^2 would lose
    digits far from zero.
    """
    context.builder.parameters += points.size + weights.size + offsets.size
    if kernel == "linear" or not len(points):
        return context.add(Dense(constants(points.T @ weights), constants(offsets)), x)
    if kernel == "rbf":
        distances = context.add(SquaredDistances(points), x)
        values = context.add(Unary("exp"), scaled(context, distances, -gamma))
    else:
        bias = np.full(len(points), _setting(context, "coef0", 1.0))
        product = context.add(Dense(constants(gamma * points.T), constants(bias)), x)
        values = _bend(context, product, kernel)
    return context.add(Dense(constants(weights), constants(offsets)), values)


def _bend(context: Context, product: Value, kernel: str) -> Value:
    """tanh of it, or its power."""
    if kernel == "sigmoid":
        return context.add(Activation("tanh"), product)
    degree = np.full(product.width, _setting(context, "degree", 3.0))
    return context.add(Power(), product, context.add(Constant(constants(degree))))


def _setting(context: Context, name: str, usual: float) -> float:
    """A number of the kernel's, of which some classes say None for what is usual."""
    return usual if context.param(name) is None else context.number(name)


def _vectors(context: Context, block: Block, weights: np.ndarray, offsets: np.ndarray) -> Value:
    """The sums of libsvm: weights are (support vectors, sums)."""
    if context.param("kernel") == "precomputed":
        context.refuse(
            "its kernel is precomputed: X would hold kernel values", "Fit it on columns."
        )
    kernel = context.choice(KERNELS, "kernel")
    points = context.array("support_vectors_", None, None)
    if len(points) != len(weights):
        context.refuse(
            f"it has {len(points)} support vectors, {counted(len(weights), 'weight')}", AGAIN
        )
    gamma = float(np.ravel(context.array("_gamma", default=0.0))[0])
    x = context.numbers(block, points.shape[1])
    return kernel_sums(context, x, points, weights, offsets, kernel, gamma)


def _one_sum(context: Context, block: Block) -> Value:
    """The sum of a machine without classes."""
    dual = context.array("dual_coef_", 1, None)
    return _vectors(context, block, dual.T, np.ravel(context.array("intercept_")))


def regressor(context: Context, block: Block) -> Answers:
    """The sum over support vectors."""
    return Answers(prediction=_one_sum(context, block))


def one_class(context: Context, block: Block) -> Answers:
    """decision_function: above 0 for an inlier."""
    return Answers(decision=_one_sum(context, block))


def _pairs(count: int) -> list[tuple[int, int]]:
    return [(i, j) for i in range(count) for j in range(i + 1, count)]


def _pair_sums(context: Context, block: Block, count: int) -> Value:
    """libsvm's decision of each pair of classes, above 0 for the first of it."""
    dual = context.array("_dual_coef_", count - 1, None)
    sizes = context.array("_n_support", count).astype(int)
    pairs = _pairs(count)
    offsets = np.asarray(context.array("_intercept_", len(pairs)))
    ends = np.cumsum(sizes)
    if ends[-1] != dual.shape[1]:
        context.refuse(
            f"it has {counted(ends[-1], 'support vector')}, {counted(dual.shape[1], 'weight')}",
            AGAIN,
        )
    weights = np.zeros((dual.shape[1], len(pairs)))
    for place, (i, j) in enumerate(pairs):
        for own, other in ((i, j - 1), (j, i)):
            rows = slice(ends[own] - sizes[own], ends[own])
            weights[rows, place] = dual[other, rows]
    return _vectors(context, block, weights, offsets)


def classifier(context: Context, block: Block) -> Answers:
    """Each pair of classes has a decision; the class that wins most is predicted."""
    classes = context.labels("classes_")
    count = len(classes)
    shape = context.choice(("ovr", "ovo"), "decision_function_shape", default="ovr")
    breaks_ties = context.flag("break_ties", default=False)
    if breaks_ties and shape == "ovo":
        context.refuse("it breaks ties, which is an error with ovo", "Use ovr.")
    sums = _pair_sums(context, block, count)
    probability = _probability(context, sums, count)
    backwards = scaled(context, sums, -1.0)
    if count == 2:
        choice = compare(context, sums, "less_equal", 0.0)
        return Answers(None, probability, backwards, choice, classes)
    decision = sums
    if shape == "ovr":
        if probability is None:
            context.refuse_old_votes()
        zero = context.add(Constant(constants(np.zeros(sums.width))))
        wins = context.add(Compare("less"), sums, zero)
        decision = context.add(PairVotes(count), wins, backwards)
    choice = context.add(Decide(), decision if breaks_ties else _votes(context, sums, count))
    is_old = bool(context.version) and context.version < OLD_VOTES
    return Answers(None, probability, None if is_old else decision, choice, classes)


def _votes(context: Context, sums: Value, count: int) -> Value:
    """How many pairs each class wins; a decision of 0 is the second's, unlike in PairVotes."""
    kernel = np.zeros((sums.width, count))
    bias = np.zeros(count)
    for place, (i, j) in enumerate(_pairs(count)):
        kernel[place, i], kernel[place, j] = 1.0, -1.0
        bias[j] += 1
    zero = context.add(Constant(constants(np.zeros(sums.width))))
    wins = context.add(Compare("greater"), sums, zero)
    return context.add(Dense(constants(kernel), constants(bias)), wins)


def _probability(context: Context, sums: Value, count: int) -> Value | None:
    """Probabilities of pairs by Platt's sigmoids, and of classes by coupling them, for two classes
    too; None where fit() made none."""
    asked = context.param("probability")
    if isinstance(asked, str) or not asked:
        return None
    slopes, offsets = (context.array(name, sums.width) for name in ("_probA", "_probB"))
    each = context.add(Affine(constants(-slopes), constants(-offsets)), sums)
    pairs = context.add(Clip(LEAST, 1 - LEAST), context.add(Activation("sigmoid"), each))
    return context.add(CouplePairs(count), pairs)


def kernel_ridge(context: Context, block: Block) -> Answers:
    """kernel(x, X_fit_) @ dual_coef_."""
    context.param("kernel_params", default=None)
    kernel = context.choice((*KERNELS, "polynomial"), "kernel")
    points = context.array("X_fit_", None, None)
    dual = context.array("dual_coef_")
    weights = dual.reshape(len(dual), -1)
    if len(weights) != len(points):
        context.refuse(
            f"it has {counted(len(points), 'row')}, {counted(len(weights), 'weight')}", AGAIN
        )
    given = context.param("gamma")
    gamma = 1 / points.shape[1] if given is None else context.number("gamma")
    x = context.numbers(block, points.shape[1])
    offsets = np.zeros(weights.shape[1])
    name = "poly" if kernel == "polynomial" else kernel
    return Answers(prediction=kernel_sums(context, x, points, weights, offsets, name, gamma))


def kernel_components(context: Context, block: Block) -> Block:
    """The projections of kernel values, made to have the mean 0, onto scaled eigenvectors."""
    values = np.asarray(context.array("eigenvalues_", None))
    points = context.array("X_fit_", None, None)
    vectors = np.array(context.array("eigenvectors_", len(points), len(values)))
    centerer = context.fitted("_centerer")
    facts = centerer.attributes if isinstance(centerer, Record) else {}
    rows = context.numbers_of(facts.get("K_fit_rows_"), "K_fit_rows_", len(points))
    whole = float(np.ravel(context.numbers_of(facts.get("K_fit_all_"), "K_fit_all_"))[0])
    is_known = values != 0
    vectors[:, ~is_known] = 0
    vectors[:, is_known] /= np.sqrt(values[is_known])
    weights = vectors - vectors.sum(axis=0) / len(points)  # minus the mean of the row's values
    return _kernel_columns(context, block, points, weights, (whole - rows) @ vectors)


def approximate_kernel(context: Context, block: Block) -> Block:
    """The kernel values of a few rows, times the fitted normalization."""
    points = context.array("components_", None, None)
    weights = np.asarray(context.array("normalization_", None, len(points))).T
    return _kernel_columns(context, block, points, weights, np.zeros(weights.shape[1]))


def _kernel_columns(
    context: Context, block: Block, points: Tensor, weights: np.ndarray, offsets: np.ndarray
) -> Block:
    """kernel(x, points) @ weights + offsets."""
    if context.param("kernel_params", default=None):
        context.refuse("it has kernel_params", "Use gamma, degree and coef0.")
    kernel = context.choice((*KERNELS, "polynomial"), "kernel")
    given = context.fitted("gamma_", context.param("gamma"))
    gamma = 1 / points.shape[1] if given is None else float(context.numbers_of(given, "gamma"))
    x = context.numbers(block, points.shape[1])
    name = "poly" if kernel == "polynomial" else kernel
    return Block((kernel_sums(context, x, points, weights, offsets, name, gamma),))


FITTED = "tol C nu epsilon shrinking cache_size class_weight verbose max_iter random_state gamma"
SUMS = ("Dense", "SquaredDistances", "Affine", "Unary", "Activation", "Constant", "Power")
PAIRS = ("Compare", "PairVotes", "CouplePairs", "Clip", "Decide")
USED = ("kernel", "coef0", "degree")
KERNEL_LIMIT = f"kernels {', '.join(KERNELS)}"
CLASSIFIER = Estimator(
    classifier,
    (*SUMS, *PAIRS),
    (*USED, "decision_function_shape", "break_ties", "probability"),
    fitting(FITTED),
    KERNEL_LIMIT,
)
REGRESSOR = Estimator(regressor, SUMS, USED, fitting(f"{FITTED} probability"), KERNEL_LIMIT)
ESTIMATORS = {
    "SVC": CLASSIFIER,
    "NuSVC": CLASSIFIER,
    "SVR": REGRESSOR,
    "NuSVR": REGRESSOR,
    "OneClassSVM": Estimator(
        one_class,
        SUMS,
        USED,
        fitting(f"{FITTED} probability"),
        f"{KERNEL_LIMIT}; score is decision_function",
    ),
    "KernelPCA": Estimator(
        kernel_components,
        SUMS,
        (*USED, "gamma", "kernel_params"),
        fitting(
            "alpha copy_X eigen_solver fit_inverse_transform iterated_power max_iter n_components"
            " n_jobs random_state remove_zero_eig tol"
        ),
        KERNEL_LIMIT,
    ),
    "Nystroem": Estimator(
        approximate_kernel,
        SUMS,
        (*USED, "gamma", "kernel_params"),
        fitting("n_components n_jobs random_state"),
        KERNEL_LIMIT,
    ),
    "KernelRidge": Estimator(
        kernel_ridge,
        SUMS,
        (*USED, "gamma", "kernel_params"),
        fitting("alpha"),
        KERNEL_LIMIT,
    ),
}
