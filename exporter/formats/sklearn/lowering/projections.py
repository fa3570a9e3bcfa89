"""Products of all columns with what fit() found: factors, components, random directions."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from exporter.formats.sklearn.arrays import Array
from exporter.formats.sklearn.inert import Name
from exporter.formats.sklearn.lowering.answering import scaled
from exporter.formats.sklearn.lowering.builder import Block, Value, constants
from exporter.formats.sklearn.lowering.context import AGAIN, Context, Estimator, fitting
from exporter.ir.ops import Activation, Dense, Standardize, Ufunc

RIDGE_SINCE = (0, 22)  # SparsePCA divided by the norms of components before, where not told to


def projected(
    context: Context, x: Value, kernel: Array, mean: Array | None = None, scale: Array | None = None
) -> Value:
    """((x - mean) / scale) @ kernel."""
    context.builder.parameters += kernel.size
    if mean is not None:
        scale = np.ones(len(mean)) if scale is None else scale
        context.builder.parameters += mean.size + scale.size
        x = context.add(Standardize(constants(mean), constants(scale)), x)
    return context.add(Dense(constants(kernel)), x)


def divided(context: Context, x: Value, scale: Array) -> Value:
    """x / scale."""
    return context.add(Standardize(constants(np.zeros(len(scale))), constants(scale)), x)


def components(context: Context, block: Block) -> Block:
    """x @ components_.T."""
    x = context.numbers(block)
    return Block((projected(context, x, context.array("components_", None, x.width).T),))


def randomized_components(context: Context, block: Block) -> Block:
    """(x - mean_) @ components_.T, which hold what whiten asks for."""
    x = context.numbers(block)
    found = context.fitted("mean_")
    mean = None if found is None else np.asarray(context.array("mean_", x.width))
    return Block((projected(context, x, context.array("components_", None, x.width).T, mean),))


def independent_components(context: Context, block: Block) -> Block:
    """(x - mean_) @ components_.T, of what was not whitened without the mean."""
    x = context.numbers(block)
    whitens = context.choice(("unit-variance", "arbitrary-variance", "warn", True, False), "whiten")
    mean = None if whitens is False else np.asarray(context.array("mean_", x.width))
    return Block((projected(context, x, context.array("components_", None, x.width).T, mean),))


def factor_analysis(context: Context, block: Block) -> Block:
    """The expected latent variables: (x - mean_) @ (components_ / noise_variance_).T @ covariance.

    Source: Bishop, Pattern Recognition and Machine Learning, 12.66.
    """
    x = context.numbers(block)
    found = np.asarray(context.array("components_", None, x.width))
    mean = np.asarray(context.array("mean_", x.width))
    weighted = found / context.array("noise_variance_", x.width)
    try:
        covariance = np.linalg.inv(np.eye(len(found)) + weighted @ found.T)
    except np.linalg.LinAlgError:
        context.refuse("its components_ cannot be inverted", AGAIN)
    product = projected(context, x, weighted.T, mean)
    return Block((projected(context, product, covariance),))


def sparse_components(context: Context, block: Block) -> Block:
    """The ridge regression of x - mean_ on the components, which is one product."""
    if context.version and context.version < RIDGE_SINCE:
        context.refuse("it was saved by a scikit-learn before 0.22", AGAIN)
    x = context.numbers(block)
    found = np.asarray(context.array("components_", None, x.width))
    mean = np.asarray(context.array("mean_", x.width))
    ridge = context.number("ridge_alpha") * np.eye(len(found))
    try:
        kernel = np.linalg.solve(found @ found.T + ridge, found).T
    except np.linalg.LinAlgError:
        context.refuse("its components_ cannot be inverted", AGAIN)
    return Block((projected(context, x, kernel, mean),))


def agglomerated(context: Context, block: Block) -> Block:
    """The means of the columns that belong together."""
    pool = context.param("pooling_func")
    if not isinstance(pool, Name) or (pool.name, pool.module.split(".")[0]) != ("mean", "numpy"):
        context.refuse(f"its pooling_func is {str(pool)[:80]}", "Leave it out: numpy.mean.")
    x = context.numbers(block)
    labels = context.array("labels_", x.width).astype(int)
    groups = np.eye(int(labels.max()) + 1)[labels]
    sizes = groups.sum(axis=0)
    total = projected(context, x, groups)  # divided afterwards, as scikit-learn does
    return Block((divided(context, total, sizes),))


def rotated(name: str) -> Callable[[Context, Block], Block]:
    """A lowering of (x - mean) / deviation times the fitted array of this name, in partial least
    squares."""

    def lower(context: Context, block: Block) -> Block:
        x = context.numbers(block)
        mean = np.asarray(context.array("_x_mean", x.width))
        scale = np.asarray(context.array("_x_std", x.width))
        kernel = context.array(name, x.width, None)
        return Block((projected(context, x, kernel, mean, scale),))

    return lower


def discriminant_axes(context: Context, block: Block) -> Block:
    """(x - xbar_) @ scalings_, the first few of them, as LinearDiscriminantAnalysis projects."""
    solver = context.choice(("svd", "eigen"), "solver")
    x = context.numbers(block)
    count = context.fitted("_max_components", None)
    scalings = context.array("scalings_", x.width, None)
    if count is not None and not isinstance(count, (int, np.integer)):
        context.refuse("it does not tell how many columns it gives", AGAIN)
    mean = np.asarray(context.array("xbar_", x.width)) if solver == "svd" else None
    return Block((projected(context, x, scalings[:, :count], mean),))


def hidden_units(context: Context, block: Block) -> Block:
    """sigmoid(x @ components_.T + intercept_hidden_)."""
    x = context.numbers(block)
    kernel = context.array("components_", None, x.width).T
    bias = context.array("intercept_hidden_", kernel.shape[1])
    context.builder.parameters += kernel.size + bias.size
    product = context.add(Dense(constants(kernel), bias), x)
    return Block((context.add(Activation("sigmoid"), product),))


def _waves(context: Context, x: Value) -> Block:
    """cos(x @ random_weights_ + random_offset_) * sqrt(2 / columns)."""
    kernel = context.array("random_weights_", x.width, None)
    offsets = context.array("random_offset_", kernel.shape[1])
    context.builder.parameters += kernel.size + offsets.size
    product = context.add(Dense(kernel, offsets), x)
    y = context.add(Ufunc("cos"), product)
    return Block((scaled(context, y, float(np.sqrt(2.0 / kernel.shape[1]))),))


def random_waves(context: Context, block: Block) -> Block:
    """Random directions whose products are near those of an RBF kernel."""
    return _waves(context, context.numbers(block))


def skewed_waves(context: Context, block: Block) -> Block:
    """The same of log(x + skewedness); NaN where scikit-learn raises an error."""
    x = context.numbers(block)
    shifted = scaled(context, x, 1.0, context.number("skewedness"))
    return _waves(context, context.add(Ufunc("log"), shifted))


LEARNING = "random_state max_iter tol verbose n_jobs n_components"
RANDOM = Estimator(
    components,
    ("Dense",),
    (),
    fitting(f"{LEARNING} compute_inverse_components eps density dense_output"),
)
SPARSE_COMPONENTS = Estimator(
    sparse_components,
    ("Standardize", "Dense"),
    ("ridge_alpha",),
    fitting(
        f"{LEARNING} alpha method U_init V_init n_iter callback batch_size shuffle"
        " max_no_improvement normalize_components"
    ),
    "since 0.22",
)
ESTIMATORS = {
    "BernoulliRBM": Estimator(
        hidden_units,
        ("Dense", "Activation"),
        (),
        fitting(f"{LEARNING} batch_size learning_rate n_iter"),
    ),
    "FactorAnalysis": Estimator(
        factor_analysis,
        ("Standardize", "Dense"),
        (),
        fitting(f"{LEARNING} copy iterated_power noise_variance_init rotation svd_method"),
    ),
    "FastICA": Estimator(
        independent_components,
        ("Standardize", "Dense"),
        ("whiten",),
        fitting(f"{LEARNING} algorithm fun fun_args w_init whiten_solver"),
    ),
    "FeatureAgglomeration": Estimator(
        agglomerated,
        ("Dense", "Standardize"),
        ("pooling_func",),
        fitting(
            "affinity compute_distances compute_full_tree connectivity distance_threshold linkage"
            " memory metric n_clusters n_components"
        ),
        "pooling_func numpy.mean",
    ),
    "GaussianRandomProjection": RANDOM,
    "MiniBatchSparsePCA": SPARSE_COMPONENTS,
    "NeighborhoodComponentsAnalysis": Estimator(
        components, ("Dense",), (), fitting(f"{LEARNING} callback init warm_start")
    ),
    "PLSSVD": Estimator(
        rotated("x_weights_"), ("Standardize", "Dense"), (), fitting("copy n_components scale")
    ),
    "RandomizedPCA": Estimator(
        randomized_components,
        ("Standardize", "Dense"),
        (),
        fitting("copy iterated_power n_components random_state whiten"),
    ),
    "RBFSampler": Estimator(
        random_waves, ("Dense", "Ufunc", "Affine"), (), fitting(f"{LEARNING} gamma")
    ),
    "SkewedChi2Sampler": Estimator(
        skewed_waves,
        ("Dense", "Ufunc", "Affine"),
        ("skewedness",),
        fitting(LEARNING),
        "NaN where scikit-learn raises an error",
    ),
    "SparsePCA": SPARSE_COMPONENTS,
    "SparseRandomProjection": RANDOM,
}
