"""Which transformers of scikit-learn give sparse matrices."""

from __future__ import annotations

from dataclasses import replace

from exporter.formats.sklearn.inert import Record
from exporter.formats.sklearn.lowering.builder import Block

ALWAYS = {"CountVectorizer", "HashingVectorizer", "TfidfVectorizer", "TfidfTransformer"}
NEVER = {
    "BernoulliRBM", "Birch", "BisectingKMeans", "IncrementalPCA", "KMeans", "KernelPCA",
    "MiniBatchKMeans", "Nystroem", "OrdinalEncoder", "PCA", "RBFSampler", "TargetEncoder",
    "TruncatedSVD",
}  # fmt: skip
OF_THEIR_STEPS = {"FeatureUnion", "Pipeline"}
# Those that store no zeros of their own. Matrices put side by side lose those of dense ones.
STORE_NONE = {
    "CountVectorizer", "KBinsDiscretizer", "MaxAbsScaler", "OneHotEncoder", "RandomTreesEmbedding",
    "StandardScaler", "TfidfTransformer", "TfidfVectorizer", "VarianceThreshold",
}  # fmt: skip


def mark_sparse(record: Record, given: Block, result: Block) -> Block:
    """What transform() gives, with what is known of it as a sparse matrix."""
    is_sparse = gives_sparse(record, given, result)
    if record.name in OF_THEIR_STEPS or record.name == "ColumnTransformer":
        stores_zeros = result.stores_zeros
    else:
        stores_zeros = given.stores_zeros or record.name not in STORE_NONE
    return replace(result, is_sparse=is_sparse, stores_zeros=is_sparse and stores_zeros)


def gives_sparse(record: Record, given: Block, result: Block) -> bool:
    """Whether transform() gives a sparse matrix; what is not known to change that leaves it."""
    facts = record.attributes
    if record.name in OF_THEIR_STEPS:
        return result.is_sparse
    if record.name in ALWAYS:
        return True
    if record.name in NEVER:
        return False
    if record.name == "ColumnTransformer":
        return bool(facts.get("sparse_output_", True))
    if record.name == "OneHotEncoder":
        return bool(facts.get("sparse_output", facts.get("sparse", True)))
    if record.name == "KBinsDiscretizer":
        return bool(facts.get("encode", "onehot") == "onehot")
    if record.name == "RandomTreesEmbedding":
        return bool(facts.get("sparse_output", True))
    if record.name == "SplineTransformer":
        return bool(facts.get("sparse_output", False))
    return given.is_sparse
