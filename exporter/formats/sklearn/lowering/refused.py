"""Estimators that are known and cannot be exported: why, and what to do instead."""

from __future__ import annotations

from exporter.formats.sklearn.lowering.builder import Block
from exporter.formats.sklearn.lowering.context import Answers, Context, Estimator

ROWS = (
    "it compares a row with all rows that it was fitted on, which would have to be in the database"
)
GROUPS = "it looks for groups in the rows that it is fitted on"
NEIGHBOURS = "Train a forest or a support vector machine, or compare with the rows in SQL."
FOUND = "Train a classifier on the labels that it found (transduction_)."
CLUSTERS = "Use KMeans, or train a classifier on its clusters."

NEAREST = (
    "n_neighbors radius weights algorithm leaf_size p metric metric_params outlier_label"
    " contamination novelty n_jobs"
)
SPREAD = "kernel gamma n_neighbors alpha max_iter tol n_jobs"
# class -> why, what to do, the parameters of its constructor
REASONS: dict[str, tuple[str, str, str]] = {
    "KNeighborsClassifier": (ROWS, NEIGHBOURS, NEAREST),
    "KNeighborsRegressor": (ROWS, NEIGHBOURS, NEAREST),
    "RadiusNeighborsClassifier": (ROWS, NEIGHBOURS, NEAREST),
    "RadiusNeighborsRegressor": (ROWS, NEIGHBOURS, NEAREST),
    "LocalOutlierFactor": (ROWS, "Use IsolationForest or OneClassSVM.", NEAREST),
    "GaussianProcessClassifier": (
        ROWS, "Use SVC with probability=True, or LogisticRegression over splines.",
        "kernel optimizer n_restarts_optimizer max_iter_predict warm_start copy_X_train"
        " random_state multi_class n_jobs",
    ),
    "GaussianProcessRegressor": (
        ROWS, "Use KernelRidge or SVR, whose sums are over fewer rows.",
        "kernel alpha optimizer n_restarts_optimizer normalize_y copy_X_train n_targets"
        " random_state",
    ),
    "LabelPropagation": (ROWS, FOUND, SPREAD),
    "LabelSpreading": (ROWS, FOUND, SPREAD),
    "DBSCAN": (
        GROUPS, CLUSTERS, "eps min_samples metric metric_params algorithm leaf_size p n_jobs",
    ),
    "AgglomerativeClustering": (
        GROUPS, CLUSTERS,
        "n_clusters metric affinity memory connectivity compute_full_tree linkage"
        " distance_threshold compute_distances",
    ),
}  # fmt: skip


def refuse(context: Context, block: Block) -> Answers:
    """Tell why."""
    reason, advice, _ = REASONS[context.record.name]
    context.refuse(reason, advice)


ESTIMATORS = {
    name: Estimator(
        refuse, (), (), dict.fromkeys(parameters.split(), "refused"), f"refused: {reason}"
    )
    for name, (reason, _, parameters) in REASONS.items()
}
