"""A network of dense layers in numpy that makes nothing new: the stricter yardstick.

    python3 in_place.py MODEL.npz ROWS.npy

Weights before a sigmoid are negated, a batch's values lie in memory that is kept, and activations
are computed where they lie. Like plain.py it prints a line of facts, then seconds for each line.
"""

import sys

import numpy as np
import plain

BATCH_ROWS = 1024  # of 256 to 8,192 the fastest for the networks that are measured


def prepare(model):
    """[(activation, kernel, bias, memory for a batch)] of what plain.load gives."""
    steps = []
    for layer, activation, weights in model[1]:
        if layer != "dense" or activation not in IN_PLACE:
            raise SystemExit("%s, %s: not in place" % (layer, activation))  # noqa: UP031
        kernel, bias = weights["kernel"], weights["bias"]
        if activation == "sigmoid":
            kernel, bias = -kernel, -bias
        memory = np.empty((BATCH_ROWS, kernel.shape[1]), np.float32)
        steps.append((IN_PLACE[activation], kernel, bias, memory))
    return steps


def sigmoid_of_negated(x):
    """sigmoid(-x) in the memory of x."""
    np.exp(x, out=x)
    np.add(x, np.float32(1), out=x)
    np.reciprocal(x, out=x)


def relu(x):
    """max(x, 0) in the memory of x."""
    np.maximum(x, np.float32(0), out=x)


IN_PLACE = {"sigmoid": sigmoid_of_negated, "relu": relu}


def score(steps, rows):
    """Scores of rows, a batch at a time.

    Shapes: rows (n, inputs) -> (n, outputs).
    """
    scores = np.empty((len(rows), steps[-1][3].shape[1]), np.float32)
    for start in range(0, len(rows), BATCH_ROWS):
        x = rows[start : start + BATCH_ROWS]
        for activation, kernel, bias, memory in steps:
            y = memory[: len(x)]
            np.matmul(x, kernel, out=y)
            np.add(y, bias, out=y)
            activation(y)
            x = y
        scores[start : start + len(x)] = x
    return scores


if __name__ == "__main__":
    loaded, given = plain.load(sys.argv[1]), np.load(sys.argv[2])
    made = prepare(loaded)
    if not np.allclose(score(made, given[:5000]), plain.score(loaded, given[:5000]), atol=1e-5):
        raise SystemExit("in place is not the same")
    plain.serve(lambda: score(made, given), {"numpy": np.__version__})
