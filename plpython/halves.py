"""Sigmoids between layers as tanh, which is one call of numpy instead of three.

sigmoid(x) is (tanh(x / 2) + 1) / 2: the halves are folded into the weights before and behind, and
what is left of the 1 into the bias behind. docs/decisions/0036-single-rows.md has the figures.
"""

import math
import sys

import numpy as np

from plpython.activations import IN_PLACE, _sigmoid_of_negated
from plpython.dense import dense

MOST_KERNEL = 2**19  # bytes of a kernel that is copied; products of others take longer than a call
MOST_KERNELS = 2**26  # bytes of all such copies, for many layers may share one kernel
TANH_SINCE = (1, 23)  # the numpy that computes tanh of a vector as fast as exp
MOST_ERROR = 2.5e-7  # that tanh in place of sigmoid may add to a score, as it is estimated
ROUNDING = 2.0**-24  # of a float32 near 1
# What an error of an activation's input is multiplied with, at the most.
SLOPES = {"linear": 1.0, "relu": 1.0, "tanh": 1.0, "sigmoid": 0.25}


def is_small(kernel):
    """Whether a kernel may be copied."""
    return kernel.nbytes <= MOST_KERNEL


def is_tanh_fast():
    """Whether tanh of a whole batch costs less than a sigmoid: a third with AVX-512, three times as
    much without (numpy 1.24; since 2.4 as much)."""
    for name in ("numpy._core._multiarray_umath", "numpy.core._multiarray_umath"):
        features = getattr(sys.modules.get(name), "__cpu_features__", {})
        if features:
            return bool(features.get("AVX512_SKX"))
    return False


def halve(layers):
    """Layers of a chain, (kernel, parameters, function of a batch) as _compile() gives them, with
    tanh for those sigmoids where it costs no precision: the same list where there are none."""
    halved = find_halved(layers)
    found = []
    for place, (kernel, parameters, call) in enumerate(layers):
        if place in halved:
            own = {**parameters, "function": "tanh"}
            found.append((kernel, own, IN_PLACE["tanh"]))
        elif {place - 1, place + 1} & halved:
            # An activation behind it may have asked for negated weights, see _compile().
            is_negated = [layer[2] for layer in layers[place + 1 :][:1]] == [_sigmoid_of_negated]
            factor = (-0.5 if is_negated else 0.5) if place + 1 in halved else 1.0
            own = _fold(place - 1 in halved, factor, **parameters)
            found.append((kernel, own, dense(**own)))
        else:
            found.append((kernel, parameters, call))
    return found


def _fold(takes_tanh, factor, kernel, bias=None):
    """A dense layer's weights for inputs that are (tanh + 1) / 2 where it takes tanh, and whose
    result is multiplied with a factor."""
    offset = np.zeros(kernel.shape[1]) if bias is None else bias.astype(np.float64)
    if takes_tanh:
        offset += kernel.sum(axis=0, dtype=np.float64) / 2
    halves = kernel * kernel.dtype.type(factor / 2 if takes_tanh else factor)
    return {"kernel": halves, "bias": (factor * offset).astype(kernel.dtype)}


def find_halved(layers):
    """The places of sigmoids that are computed as tanh.

    That is one rounding of a number near 1 where the sigmoid is near 0: it adds an error, estimated
    here, to what the last sigmoid or softmax takes, which is a relative error of a probability. The
    last sigmoid is never one of them, for a small score is to keep all of its digits; and where
    there is no such end, none is: a score near 0 would lose its digits, or its sign.
    """
    if tuple(map(int, np.__version__.split(".")[:2])) < TANH_SINCE or not _gives_chances(layers):
        return set()
    places = {
        place
        for place, (kernel, parameters, _) in enumerate(layers)
        if (kernel, parameters.get("function")) == ("activation", "sigmoid")
        and all(map(_may_be_folded, [*layers[max(0, place - 1) : place], *layers[place + 1 :][:1]]))
        and 0 < place < len(layers) - 1
    }
    sides = {side for place in places for side in (place - 1, place + 1)}
    if not places or sum(layers[side][1]["kernel"].nbytes for side in sides) > MOST_KERNELS:
        return set()
    return places if _estimate_error(layers, places) <= MOST_ERROR else set()


def _gives_chances(layers):
    """Whether a chain ends in a sigmoid or a softmax."""
    ends = [layer for layer in layers if layer[0] != "reshape"]
    if not ends:
        return False
    kernel, parameters, _ = ends[-1]
    return kernel == "softmax" or (kernel, parameters.get("function")) == ("activation", "sigmoid")


def _may_be_folded(layer):
    """Whether a layer has weights that are copied, in float32."""
    kernel, parameters, _ = layer
    return (
        kernel == "dense"
        and is_small(parameters["kernel"])
        and parameters["kernel"].dtype == np.float32
    )


def _estimate_error(layers, halved):
    """What is added to the error of a score, as if roundings were independent of each other: of
    each tanh, and of the sum of halves that joins the bias.

    It is infinite or NaN where nothing is known of a layer behind, or a weight is not finite.
    """
    error = 0.0
    for place, (kernel, parameters, _) in enumerate(layers):
        if kernel == "dense":
            weights, added = parameters["kernel"], 0.0
            if place - 1 in halved:
                error = math.hypot(error, ROUNDING)
                added = ROUNDING * float(np.abs(weights.sum(axis=0)).max()) / 2
            length = math.sqrt(np.einsum("ij,ij->j", weights, weights).max())
            error = math.hypot(error * length, added)
        elif error and kernel not in ("softmax", "reshape"):
            known = SLOPES if kernel == "activation" else {}
            error *= known.get(parameters.get("function"), math.inf)
    return error
