"""What tells rows by how far they are from centres: discriminants, clusters, mixtures."""

from __future__ import annotations

import numpy as np

from exporter.errors import counted
from exporter.formats.sklearn.arrays import as_list
from exporter.formats.sklearn.inert import Record
from exporter.formats.sklearn.lowering.answering import both, column, normalized, scaled
from exporter.formats.sklearn.lowering.bayes import squared_distances
from exporter.formats.sklearn.lowering.builder import Block, Value, constants
from exporter.formats.sklearn.lowering.context import (
    AGAIN,
    Answers,
    Context,
    Estimator,
    fitting,
)
from exporter.formats.sklearn.lowering.linear import classify
from exporter.formats.sklearn.lowering.projections import discriminant_axes, rotated
from exporter.ir.ops import (
    Activation,
    Affine,
    Decide,
    Dense,
    Embedding,
    Multiply,
    Reduce,
    Repeat,
    Reshape,
    Softmax,
    SquaredDistances,
    Standardize,
    Subtract,
    Tensor,
    Unary,
    Where,
)

SIGMOIDS_BEFORE, SOFTMAX_SINCE = (0, 21), (0, 22)  # what came between was not looked at
PRIORS_SINCE = (1, 6)  # NearestCentroid has decisions and probabilities
MAX_DEPTH = 200  # of clusters that were parted


def linear_discriminant(context: Context, block: Block) -> Answers:
    """A linear decision; sigmoid of one, softmax of several."""
    decision, classes = classify(context, block)
    if decision.width == 1:
        probability = both(context, context.add(Activation("sigmoid"), decision))
    elif context.version and context.version < SIGMOIDS_BEFORE:
        each = context.add(Activation("sigmoid"), decision)
        probability = normalized(context, each, None)
    elif context.version and context.version < SOFTMAX_SINCE:
        context.refuse("it has several classes and is of scikit-learn 0.21", AGAIN)
    else:
        probability = context.add(Softmax(0), decision)
    return Answers(probability=probability, decision=decision, classes=classes)


def whitened(context: Context, x: Value, centre: np.ndarray, kernel: np.ndarray) -> Value:
    """|(x - centre) @ kernel|^2, (1,)."""
    context.builder.parameters += centre.size + kernel.size
    shifted = context.add(Standardize(constants(centre), constants(np.ones(len(centre)))), x)
    product = context.add(Dense(constants(kernel)), shifted)
    square = context.add(Multiply(), product, product)
    return context.add(Reduce("sum", (0,), True), square)


def quadratic_discriminant(context: Context, block: Block) -> Answers:
    """The log posterior of each class, which has a covariance of its own."""
    classes = context.labels("classes_")
    means = context.array("means_", len(classes), None)
    priors = context.array("priors_", len(classes))
    rotations, scalings = (as_list(context.fitted(n)) for n in ("rotations_", "scalings_"))
    if len(rotations or ()) != len(classes) or len(scalings or ()) != len(classes):
        context.refuse("its rotations_ do not fit its classes", AGAIN)
    x = context.numbers(block, means.shape[1])
    norms, logs = [], []
    for mean, rotation, scaling in zip(means, rotations or (), scalings or (), strict=True):
        turn = context.numbers_of(np.asarray(rotation), "rotations_", len(mean), None)
        scale = np.asarray(context.numbers_of(scaling, "scalings_", turn.shape[1]))
        norms.append(whitened(context, x, np.asarray(mean), turn * scale**-0.5))
        logs.append(float(np.sum(np.log(scale))))
    offsets = -0.5 * np.array(logs) + np.log(priors)
    scores = context.add(
        Affine(constants(np.full(len(logs), -0.5)), constants(offsets)), context.join(norms)
    )
    return _by_scores(context, scores, classes)


def _by_scores(context: Context, scores: Value, classes: tuple[object, ...]) -> Answers:
    """The class of the largest; of two classes the decision is the difference."""
    if scores.width != len(classes) or len(classes) < 2:
        context.refuse(
            f"it has {counted(scores.width, 'centre')} for {counted(len(classes), 'class')}", AGAIN
        )
    decision = scores
    if len(classes) == 2:
        decision = context.add(Subtract(), column(context, scores, 1), column(context, scores, 0))
    return Answers(
        probability=context.add(Softmax(0), scores),
        decision=decision,
        choice=context.add(Decide(), scores),
        classes=classes,
    )


def nearest(context: Context, x: Value, centers: Tensor) -> Value:
    """The place of the nearest centre, the first of several, (1,); the squared distances are
    compared without |x|^2, as scikit-learn does."""
    context.builder.parameters += centers.size
    kernel, bias = 2.0 * centers.T, -(np.asarray(centers) ** 2).sum(axis=1)
    if len(centers) == 1:  # Decide takes one number for a decision
        kernel, bias = np.repeat(kernel, 2, axis=1), np.repeat(bias, 2)
    return context.add(Decide(), context.add(Dense(constants(kernel), constants(bias)), x))


def _distances(context: Context, x: Value, centers: Tensor, metric: str) -> Value:
    """The sum of differences' magnitudes, or the root of the sum of their squares."""
    ones = constants(np.ones(centers.shape))
    if metric == "euclidean":
        return context.add(Unary("sqrt"), squared_distances(context, x, centers, ones))
    count, width = centers.shape
    rows = context.add(Reshape((1, width)), x)
    if count > 1:
        rows = context.add(Repeat(count, 0), rows)
    each = context.add(Unary("abs"), context.add(Standardize(centers, ones), rows))
    return context.add(Reduce("sum", (1,)), each)


def nearest_centroid(context: Context, block: Block) -> Answers:
    """The class whose centroid is nearest; since PRIORS_SINCE with priors, which have a say where
    they differ."""
    metric = context.choice(("euclidean", "manhattan"), "metric")
    context.param("priors", default="uniform")
    classes = context.labels("classes_")
    centers = context.array("centroids_", len(classes), None)
    x = context.numbers(block, centers.shape[1])
    minus = scaled(context, _distances(context, x, centers, metric), -1.0)
    by_distance = context.add(Decide(), minus)
    if metric == "euclidean":
        by_distance = nearest(context, x, centers)
    if context.version and context.version < PRIORS_SINCE:
        return Answers(prediction=minus, choice=by_distance, classes=classes)
    priors = np.asarray(context.array("class_prior_", len(classes)))
    deviation = np.asarray(context.array("within_class_std_dev_", centers.shape[1]))
    scale = np.where(deviation == 0, 1.0, deviation)
    whole = context.add(Standardize(constants(np.zeros(len(scale))), constants(scale)), x)
    distances = _distances(context, whole, constants(centers / scale), metric)
    squares = scaled(context, context.add(Multiply(), distances, distances), -1.0)
    offsets = constants(2.0 * np.log(priors))
    scores = context.add(Affine(constants(np.ones(len(priors))), offsets), squares)
    found = _by_scores(context, scores, classes)
    choice = found.choice
    if np.isclose(priors, 1 / len(classes)).all():
        choice = by_distance
    if metric != "euclidean":  # then it has no other answer than the class
        return Answers(prediction=minus, choice=choice, classes=classes)
    return Answers(None, found.probability, found.decision, choice, classes)


def clusters(context: Context, block: Block) -> Answers:
    """The number of the cluster whose centre is nearest."""
    centers = context.array("cluster_centers_", None, None)
    if not len(centers):
        context.refuse("it found no cluster", "Fit it with other parameters.")
    x = context.numbers(block, centers.shape[1])
    return Answers(prediction=nearest(context, x, centers))


def affinity_clusters(context: Context, block: Block) -> Answers:
    """The number of the cluster whose exemplar is nearest."""
    context.choice(("euclidean",), "affinity")
    return clusters(context, block)


def cluster_distances(context: Context, block: Block) -> Block:
    """The distance from each centre, of the differences themselves."""
    name = "subcluster_centers_" if context.record.name == "Birch" else "cluster_centers_"
    centers = context.array(name, None, None)
    x = context.numbers(block, centers.shape[1])
    context.builder.parameters += centers.size
    squares = context.add(SquaredDistances(centers), x)
    return Block((context.add(Unary("sqrt"), squares),))


def subclusters(context: Context, block: Block) -> Answers:
    """The number of the cluster that the nearest subcluster belongs to."""
    centers = context.array("subcluster_centers_", None, None)
    labels = np.asarray(context.array("subcluster_labels_", len(centers)))
    place = nearest(context, context.numbers(block, centers.shape[1]), centers)
    found = context.add(Embedding(constants(labels[:, None])), place)
    return Answers(prediction=context.add(Reshape((1,)), found))


def bisected_clusters(context: Context, block: Block) -> Answers:
    """The number of the cluster that is reached by the nearer of two centres, again and again."""
    x = context.numbers(block)
    shift = np.asarray(context.array("_X_mean", x.width, default=np.zeros(x.width)))
    tree = context.fitted("_bisecting_tree")
    return Answers(prediction=_bisected(context, x, shift, tree, 0))


def _bisected(context: Context, x: Value, shift: np.ndarray, node: object, depth: int) -> Value:
    facts = node.attributes if isinstance(node, Record) else {}
    left, right = facts.get("left"), facts.get("right")
    if not facts or depth > MAX_DEPTH:
        context.refuse("its tree of clusters is not in the file, or too deep", AGAIN)
    if left is None or right is None:
        label = float(np.ravel(context.numbers_of(facts.get("label"), "label"))[0])
        return context.add(Dense(constants(np.zeros((x.width, 1))), constants([label])), x)
    pair = [
        np.asarray(context.numbers_of(side.attributes.get("center"), "center", x.width))
        for side in (left, right)
        if isinstance(side, Record)
    ]
    if len(pair) != 2:
        context.refuse("its tree of clusters is not in the file", AGAIN)
    is_right = nearest(context, x, constants(np.stack(pair) + shift))
    sides = [_bisected(context, x, shift, side, depth + 1) for side in (right, left)]
    return context.add(Where(), is_right, *sides)


def gaussian_mixture(context: Context, block: Block) -> Answers:
    """The probability of each component."""
    return mixture(context, block, np.log(context.array("weights_", None)))


def bayesian_mixture(context: Context, block: Block) -> Answers:
    """The probability of each component, as the variational posterior expects it.

    Source: Bishop, Pattern Recognition and Machine Learning, 10.65 and 10.66.
    """
    count, width = context.array("means_", None, None).shape
    freedom = np.asarray(context.array("degrees_of_freedom_"))  # one where the covariance is one
    if freedom.shape not in ((), (count,)):
        context.refuse("its degrees_of_freedom_ do not fit its means_", AGAIN)
    freedom = np.broadcast_to(freedom, (count,))
    precision = context.array("mean_precision_", count)
    determinants = digamma(0.5 * (freedom - np.arange(width)[:, None])).sum(axis=0)
    more = 0.5 * (width * np.log(2.0) + determinants - width / precision)
    kind = context.choice(
        ("dirichlet_process", "dirichlet_distribution"), "weight_concentration_prior_type"
    )
    found = context.fitted("weight_concentration_")
    if kind == "dirichlet_distribution":
        alpha = np.asarray(context.numbers_of(found, "weight_concentration_", count))
        logs = digamma(alpha) - digamma(alpha.sum())
    else:
        pair = as_list(found) or []
        if len(pair) != 2:
            context.refuse("its weight_concentration_ is no pair", AGAIN)
        a, b = (np.asarray(context.numbers_of(n, "weight_concentration_", count)) for n in pair)
        rest = np.cumsum(digamma(b) - digamma(a + b))
        logs = digamma(a) - digamma(a + b) + np.append(0.0, rest[:-1])
    return mixture(context, block, logs + more - 0.5 * width * np.log(freedom))


def digamma(x: np.ndarray) -> np.ndarray:
    """The logarithmic derivative of the gamma function, for numbers above 0: from x + 10 down by
    its recurrence, there by its asymptotic series."""
    steps = np.arange(10.0)
    shifted = np.asarray(x, np.float64) + 10
    square = 1 / shifted**2
    series = np.polyval([1 / 12, -691 / 32760, 1 / 132, -1 / 240, 1 / 252, -1 / 120, 1 / 12, 0.0],
                        square)  # fmt: skip
    down = (1 / (np.asarray(x, np.float64)[..., None] + steps)).sum(axis=-1)
    found: np.ndarray = np.log(shifted) - 0.5 / shifted - series - down
    return found


def mixture(context: Context, block: Block, logs_of_weights: np.ndarray) -> Answers:
    """softmax of the log densities of components plus the logarithms of their weights."""
    kind = context.choice(("full", "tied", "diag", "spherical"), "covariance_type")
    means = context.array("means_", None, None)
    count, width = means.shape
    if len(logs_of_weights) != count:
        context.refuse("its weights do not fit its means_", AGAIN)
    shape = {
        "full": (count, width, width),
        "tied": (width, width),
        "diag": (count, width),
        "spherical": (count,),
    }[kind]
    roots = np.asarray(context.array("precisions_cholesky_", *shape))
    x = context.numbers(block, width)
    if kind in ("full", "tied"):
        each = np.broadcast_to(roots, (count, width, width))
        norms = context.join(
            [whitened(context, x, np.asarray(mean), root) for mean, root in zip(means, each,
                                                                            strict=True)]
        )  # fmt: skip
        logs = np.log(np.diagonal(each, axis1=1, axis2=2)).sum(axis=1)
    else:
        each = np.broadcast_to(roots.reshape(count, -1), (count, width))
        norms = squared_distances(context, x, means, constants(1 / each))
        logs = np.log(each).sum(axis=1)
    offsets = logs + logs_of_weights
    scores = context.add(Affine(constants(np.full(count, -0.5)), constants(offsets)), norms)
    return Answers(prediction=context.add(Softmax(0), scores))


def envelope(context: Context, block: Block) -> Answers:
    """decision_function: minus the squared Mahalanobis distance, minus offset_."""
    centre = np.asarray(context.array("location_", None))
    precision = np.asarray(context.array("precision_", len(centre), len(centre)))
    offset = float(np.ravel(context.array("offset_"))[0])
    x = context.numbers(block, len(centre))
    context.builder.parameters += precision.size + centre.size + 1
    shifted = context.add(Standardize(constants(centre), constants(np.ones(len(centre)))), x)
    turned = context.add(Dense(constants(precision)), shifted)
    product = context.add(Multiply(), turned, shifted)
    distance = context.add(Reduce("sum", (0,), True), product)
    return Answers(decision=scaled(context, distance, -1.0, -offset))


def components(context: Context, block: Block) -> Answers:
    """Partial least squares: (x - mean) @ coef_.T + intercept_; before 1.5 coef_ is for columns
    divided by their deviations."""
    mean = np.asarray(context.array("_x_mean", None))
    scale = np.ones(len(mean))
    if context.version and context.version < (1, 5):
        scale = np.asarray(context.array("_x_std", len(mean)))
    if context.version and context.version < (1, 1):  # it had the targets as columns
        coef = context.array("coef_", len(mean), None).T
        bias = context.array("_y_mean", coef.shape[0])
    else:
        coef = context.array("coef_", None, len(mean))
        bias = context.array("intercept_", coef.shape[0])
    x = context.numbers(block, len(mean))
    context.builder.parameters += coef.size + bias.size + 2 * mean.size
    shifted = context.add(Standardize(constants(mean), constants(scale)), x)
    return Answers(prediction=context.add(Dense(constants(coef.T), bias), shifted))


SQUARES = ("Standardize", "Dense", "Multiply", "Reduce", "Concatenate", "Affine")
EACH = ("Reshape", "Repeat", "Standardize", "Multiply", "Reduce", "Affine")
NUMBER = "score is the number of the cluster"
DISTANCES = f"{NUMBER}; before another step the distances from the centres"
LLOYD = fitting(
    "n_clusters init n_init max_iter tol verbose random_state copy_x algorithm"
    " precompute_distances n_jobs batch_size compute_labels max_no_improvement init_size"
    " reassignment_ratio bisecting_strategy"
)
TO_CENTERS = ("SquaredDistances", "Unary")
CLUSTERS = Estimator(
    clusters,
    ("Dense", "Decide", *TO_CENTERS),
    (),
    LLOYD,
    DISTANCES,
    transform=cluster_distances,
)
MIXING = fitting(
    "n_components tol reg_covar max_iter n_init init_params weights_init means_init"
    " precisions_init random_state warm_start verbose verbose_interval covariance_prior"
    " degrees_of_freedom_prior mean_precision_prior mean_prior weight_concentration_prior"
)
MIXTURE = (*SQUARES, "Reshape", "Repeat", "Softmax")
OF_EACH = "score is the probability of each component"
LEAST_SQUARES = Estimator(
    components,
    ("Standardize", "Dense"),
    (),
    fitting("n_components scale max_iter tol copy algorithm deflation_mode mode norm_y_weights"),
    transform=rotated("x_rotations_"),
)
ESTIMATORS = {
    "LinearDiscriminantAnalysis": Estimator(
        linear_discriminant,
        (
            "Dense",
            "Activation",
            "Affine",
            "Concatenate",
            "Softmax",
            "Decide",
            "Standardize",
            "Reduce",
            "Divide",
        ),
        ("solver",),
        fitting("shrinkage priors n_components store_covariance tol covariance_estimator"),
        transform=discriminant_axes,
    ),
    "QuadraticDiscriminantAnalysis": Estimator(
        quadratic_discriminant,
        (*SQUARES, "Select", "Subtract", "Softmax", "Decide"),
        (),
        fitting(
            "solver shrinkage priors reg_param store_covariance store_covariances tol"
            " covariance_estimator"
        ),
    ),
    "NearestCentroid": Estimator(
        nearest_centroid,
        (*EACH, "Dense", "Unary", "Select", "Subtract", "Softmax", "Decide"),
        ("metric", "priors"),
        fitting("shrink_threshold"),
        "metrics euclidean and manhattan; where there are no probabilities (manhattan, or before"
        " 1.6) score is minus the distance from each class",
    ),
    "KMeans": CLUSTERS,
    "MiniBatchKMeans": CLUSTERS,
    "BisectingKMeans": Estimator(
        bisected_clusters,
        ("Dense", "Decide", "Where", *TO_CENTERS),
        (),
        LLOYD,
        DISTANCES,
        transform=cluster_distances,
    ),
    "Birch": Estimator(
        subclusters,
        ("Dense", "Decide", "Embedding", "Reshape", *TO_CENTERS),
        (),
        fitting("branching_factor compute_labels n_clusters threshold copy"),
        DISTANCES,
        transform=cluster_distances,
    ),
    "AffinityPropagation": Estimator(
        affinity_clusters,
        ("Dense", "Decide"),
        ("affinity",),
        fitting("convergence_iter copy damping max_iter preference random_state verbose"),
        f"{NUMBER}; affinity euclidean",
    ),
    "MeanShift": Estimator(
        clusters,
        ("Dense", "Decide"),
        (),
        fitting("bandwidth seeds bin_seeding min_bin_freq cluster_all n_jobs max_iter"),
        NUMBER,
    ),
    "GaussianMixture": Estimator(gaussian_mixture, MIXTURE, ("covariance_type",), MIXING, OF_EACH),
    "BayesianGaussianMixture": Estimator(
        bayesian_mixture,
        MIXTURE,
        ("covariance_type", "weight_concentration_prior_type"),
        MIXING,
        OF_EACH,
    ),
    "EllipticEnvelope": Estimator(
        envelope,
        SQUARES,
        (),
        fitting("store_precision assume_centered support_fraction contamination random_state"),
        "score is decision_function",
    ),
    "PLSRegression": LEAST_SQUARES,
    "PLSCanonical": LEAST_SQUARES,
    "CCA": LEAST_SQUARES,
}
