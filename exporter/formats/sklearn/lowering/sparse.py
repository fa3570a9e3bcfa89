"""Which transformers of scikit-learn give sparse matrices."""

from __future__ import annotations

from exporter.formats.sklearn.inert import Record
from exporter.formats.sklearn.lowering.builder import Block

ALWAYS = {"CountVectorizer", "HashingVectorizer", "TfidfVectorizer", "TfidfTransformer"}
NEVER = {
    "BernoulliRBM", "Birch", "BisectingKMeans", "IncrementalPCA", "KMeans", "KernelPCA",
    "MiniBatchKMeans", "Nystroem", "OrdinalEncoder", "PCA", "RBFSampler", "TargetEncoder",
    "TruncatedSVD",
}  # fmt: skip
OF_THEIR_STEPS = {"FeatureUnion", "Pipeline"}


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
