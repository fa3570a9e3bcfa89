"""A version is loaded: plan and weights are checked and kept for the session."""

import hashlib
import json

import numpy as np

from plpython.model import Model


def load(version, plan, weights, dtype="float32"):
    """Build the Model of a plan (JSON text) and its block of float32 weights.

    Types: version is the hex sha256 of plan and weights; dtype float32, or float64 for reference.
    Raises: ValueError, when plan or weights are not those that version names.
    """
    digest = hashlib.sha256(plan.encode("utf-8"))
    digest.update(weights)
    if digest.hexdigest() != version:
        raise ValueError(
            f"the stored plan and weights of version {version[:12]} were altered:"
            f" their digest is {digest.hexdigest()[:12]}; drop the model and deploy it again"
        )
    block = np.frombuffer(weights, "<f4").astype(dtype, copy=False)
    return Model(json.loads(plan), block)


if "GD" in globals():
    # Inside a server: this text is the body of a function with these three arguments. Weights that
    # are NULL were collected before, piece by piece.
    globals()["GD"]["export_model:" + globals()["version"]] = load(
        globals()["version"],
        globals()["plan"],
        globals()["GD"].pop("export_model weights")
        if globals()["weights"] is None
        else globals()["weights"],
    )
