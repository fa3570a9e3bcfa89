"""Estimators that are known and cannot be exported: why, and what to do instead."""

from __future__ import annotations

from exporter.formats.sklearn.lowering.builder import Block
from exporter.formats.sklearn.lowering.context import Answers, Context, Estimator
from exporter.formats.sklearn.lowering.versions import RENAMED

ROWS = (
    "it compares a row with all rows that it was fitted on, which would have to be in the database"
)
GROUPS = "it looks for groups in the rows that it is fitted on"
NEIGHBOURS = "Train a forest or a support vector machine, or compare with the rows in SQL."
CODES = "it finds numbers for each row by solving a problem of its own, step by step"
PLACES = "it only places the rows that it is fitted on"
COVARIANCE = "it estimates a covariance, and says nothing of a row"
DICTIONARIES = "it takes dictionaries, not columns"
REMOVED = "scikit-learn removed it before 0.22"
COMPONENTS = "Use PCA, TruncatedSVD or FactorAnalysis, which are products."
FOUND = "Train a classifier on the labels that it found (transduction_)."
CLUSTERS = "Use KMeans, or train a classifier on its clusters."

NEAREST = (
    "n_neighbors radius weights algorithm leaf_size p metric metric_params outlier_label"
    " contamination novelty n_jobs"
)
SPREAD = "kernel gamma n_neighbors alpha max_iter tol n_jobs"
BICLUSTERS = (
    "init method mini_batch n_best n_clusters n_components n_init n_jobs n_svd_vecs random_state"
    " svd_method"
)
CODING = (
    "alpha batch_size callback code_init dict_init dictionary fit_algorithm max_iter"
    " max_no_improvement n_components n_iter n_jobs positive_code positive_dict random_state"
    " shuffle split_sign tol transform_algorithm transform_alpha transform_max_iter"
    " transform_n_nonzero_coefs verbose"
)
FACTORS = (
    "alpha alpha_H alpha_W batch_size beta beta_loss eta forget_factor fresh_restarts"
    " fresh_restarts_max_iter init l1_ratio max_iter max_no_improvement n_components nls_max_iter"
    " random_state regularization shuffle solver sparseness tol transform_max_iter verbose"
)
OUTLIERS = "Use EllipticEnvelope, which compares rows by it."
COVARIANCES = (
    "alpha alphas assume_centered block_size covariance cv enet_tol eps max_iter mode n_jobs"
    " n_refinements random_state shrinkage store_precision support_fraction tol verbose"
)
OLD_MIXTURE = (
    "alpha covariance_type init_params min_covar n_components n_init n_iter params random_state tol"
    " verbose"
)
CHOOSERS = "Use SelectFromModel of a Lasso or a LogisticRegression."
STABILITY = (
    "C alpha eps fit_intercept max_iter memory n_jobs n_resampling normalize pre_dispatch"
    " precompute random_state sample_fraction scaling selection_threshold tol verbose"
)
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
        "n_clusters metric affinity pooling_func memory connectivity compute_full_tree linkage"
        " distance_threshold compute_distances",
    ),
    "HDBSCAN": (
        GROUPS, CLUSTERS,
        "algorithm allow_single_cluster alpha cluster_selection_epsilon cluster_selection_method"
        " copy leaf_size max_cluster_size metric metric_params min_cluster_size min_samples n_jobs"
        " store_centers",
    ),
    "OPTICS": (
        GROUPS, CLUSTERS,
        "algorithm cluster_method eps leaf_size max_eps memory metric metric_params"
        " min_cluster_size min_samples n_jobs p predecessor_correction xi",
    ),
    "SpectralClustering": (
        GROUPS, CLUSTERS,
        f"{SPREAD} affinity assign_labels coef0 degree eigen_solver eigen_tol kernel_params"
        " n_clusters n_components n_init random_state verbose",
    ),
    "SpectralBiclustering": (
        "it looks for groups in the rows and columns that it is fitted on", CLUSTERS, BICLUSTERS,
    ),
    "SpectralCoclustering": (
        "it looks for groups in the rows and columns that it is fitted on", CLUSTERS, BICLUSTERS,
    ),
    "NearestNeighbors": (
        ROWS, "Compare with the rows in SQL, or use pgvector.", NEAREST,
    ),
    "KNeighborsTransformer": (ROWS, NEIGHBOURS, f"{NEAREST} mode"),
    "RadiusNeighborsTransformer": (ROWS, NEIGHBOURS, f"{NEAREST} mode"),
    "LSHForest": (
        ROWS, NEIGHBOURS,
        f"{NEAREST} min_hash_match n_candidates n_estimators radius_cutoff_ratio random_state",
    ),
    "KernelDensity": (
        ROWS, "Use GaussianMixture.",
        "algorithm atol bandwidth breadth_first kernel leaf_size metric metric_params rtol",
    ),
    "GaussianProcess": (
        ROWS, "Use KernelRidge or SVR, whose sums are over fewer rows.",
        "beta0 corr normalize nugget optimizer random_start random_state regr storage_mode theta0"
        " thetaL thetaU verbose",
    ),
    "Isomap": (
        ROWS, COMPONENTS,
        f"{NEAREST} eigen_solver max_iter n_components neighbors_algorithm path_method tol",
    ),
    "LocallyLinearEmbedding": (
        ROWS, COMPONENTS,
        f"{NEAREST} eigen_solver hessian_tol max_iter method modified_tol n_components"
        " neighbors_algorithm random_state reg tol",
    ),
    "SpectralEmbedding": (
        PLACES, COMPONENTS,
        f"{SPREAD} affinity eigen_solver eigen_tol n_components random_state",
    ),
    "MDS": (
        PLACES, COMPONENTS,
        "dissimilarity eps init max_iter metric metric_mds metric_params n_components n_init"
        " n_jobs normalized_stress random_state verbose",
    ),
    "ClassicalMDS": (PLACES, COMPONENTS, "metric metric_params n_components"),
    "TSNE": (
        PLACES, COMPONENTS,
        "angle early_exaggeration init learning_rate max_iter method metric metric_params"
        " min_grad_norm n_components n_iter n_iter_without_progress n_jobs perplexity random_state"
        " square_distances verbose",
    ),
    "DictionaryLearning": (CODES, COMPONENTS, CODING),
    "MiniBatchDictionaryLearning": (CODES, COMPONENTS, CODING),
    "SparseCoder": (CODES, COMPONENTS, CODING),
    "NMF": (CODES, COMPONENTS, FACTORS),
    "MiniBatchNMF": (CODES, COMPONENTS, FACTORS),
    "LatentDirichletAllocation": (
        CODES, "Use TruncatedSVD, which is a product.",
        "batch_size doc_topic_prior evaluate_every learning_decay learning_method learning_offset"
        " max_doc_update_iter max_iter mean_change_tol n_components n_jobs n_topics perp_tol"
        " random_state topic_word_prior total_samples verbose",
    ),
    "EmpiricalCovariance": (COVARIANCE, OUTLIERS, COVARIANCES),
    "GraphicalLasso": (COVARIANCE, OUTLIERS, COVARIANCES),
    "GraphicalLassoCV": (COVARIANCE, OUTLIERS, COVARIANCES),
    "LedoitWolf": (COVARIANCE, OUTLIERS, COVARIANCES),
    "MinCovDet": (COVARIANCE, OUTLIERS, COVARIANCES),
    "OAS": (COVARIANCE, OUTLIERS, COVARIANCES),
    "ShrunkCovariance": (COVARIANCE, OUTLIERS, COVARIANCES),
    "DictVectorizer": (
        DICTIONARIES, "Fit a OneHotEncoder on columns.", "dtype separator sort sparse",
    ),
    "FeatureHasher": (
        DICTIONARIES, "Use HashingVectorizer of a text, or OneHotEncoder.",
        "alternate_sign dtype input_type n_features non_negative",
    ),
    "PatchExtractor": (
        "it takes images, and gives more rows than it is given", "Cut the images before.",
        "max_patches patch_size random_state",
    ),
    "KernelCenterer": (
        "X would hold kernel values", "Use KernelPCA or Nystroem of the columns.", "",
    ),
    "AdditiveChi2Sampler": (
        "its waves of logarithms are not made of steps that are known here",
        "Use RBFSampler, SkewedChi2Sampler or Nystroem.", "sample_interval sample_steps",
    ),
    "PolynomialCountSketch": (
        "it multiplies polynomials by Fourier transforms, which are not made of steps that are"
        " known here",
        "Use PolynomialFeatures, or Nystroem with kernel='poly'.",
        "coef0 degree gamma n_components random_state",
    ),
    "GMM": (REMOVED, "Fit a GaussianMixture.", OLD_MIXTURE),
    "DPGMM": (REMOVED, "Fit a BayesianGaussianMixture.", OLD_MIXTURE),
    "VBGMM": (REMOVED, "Fit a BayesianGaussianMixture.", OLD_MIXTURE),
    "RandomizedLasso": (REMOVED, CHOOSERS, STABILITY),
    "RandomizedLogisticRegression": (REMOVED, CHOOSERS, STABILITY),
}  # fmt: skip


def refuse(context: Context, block: Block) -> Answers:
    """Tell why."""
    name = context.record.name
    reason, advice, _ = REASONS[RENAMED.get(name, name)]
    context.refuse(reason, advice)


ESTIMATORS = {
    name: Estimator(
        refuse, (), (), dict.fromkeys(parameters.split(), "refused"), f"refused: {reason}"
    )
    for name, (reason, _, parameters) in REASONS.items()
}
