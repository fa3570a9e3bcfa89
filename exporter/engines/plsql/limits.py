"""What the engine of PL/SQL lacks, and how much it takes; imports nothing of a database."""

from __future__ import annotations

from exporter.ir import ops

MAX_FEATURES = 999  # a cursor has at most 1,000 columns, one of them the id
DEFAULT_VERSION = "19"
ROUGH = "it needs the error function in float64, which nn_runtime approximates within 3e-7"
INSTEAD = "Deploy it to PostgreSQL or Greenplum."

# Ops without a routine in plsql/nn_runtime.pkb: why, and what to do about it.
UNSUPPORTED: dict[type[ops.Op], tuple[str, str]] = {
    **dict.fromkeys(
        (ops.Tokenize, ops.CountWords, ops.CountTokens, ops.HashTokens),
        (
            "it takes texts apart, and letters and blanks of Unicode are not in PL/SQL",
            f"Take the texts apart before, and give the model numbers. {INSTEAD}",
        ),
    ),
    ops.QuantileInverse: (ROUGH, INSTEAD),
    **dict.fromkeys(
        (ops.HashBucket, ops.CrossBucket),
        (
            "it hashes as TensorFlow does, in whole numbers of 64 bits, which PL/SQL does not have",
            "Compute the hash before, and give the model its number.",
        ),
    ),
    **dict.fromkeys(
        (ops.CityHash, ops.CategoryStatistics),
        (
            "CatBoost knows categories by hashes in whole numbers of 64 bits, which PL/SQL does"
            " not have",
            f"Turn the categories into numbers before CatBoost sees them. {INSTEAD}",
        ),
    ),
}


def is_rough(op: ops.Op) -> bool:
    """Whether an op needs the error function, whose approximation is not good enough in float64."""
    if isinstance(op, ops.Activation):
        return op.function == "gelu" and not dict(op.options).get("approximate")
    return isinstance(op, ops.Unary) and op.function == "erf"
