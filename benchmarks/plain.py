"""A network in plain numpy, as a textbook writes it: what every competitor here scores with.

The file also runs by itself, in the interpreter of the database server, as the yardstick of all
ways to score in the database: the arrays lie in memory already.

    python3 plain.py MODEL.npz ROWS.npy PROBE.py

It prints one line of facts, then for each line that it reads the seconds of one pass. Nothing but
numpy, and nothing newer than Python 3.9, because it runs in servers, as a function's body too.
"""

import json
import sys
import time

import numpy as np

BATCH_ROWS = 4096


def sigmoid(x):
    """y = 1 / (1 + exp(-x))."""
    return 1 / (1 + np.exp(-x))


def relu(x):
    """y = max(x, 0)."""
    return np.maximum(x, 0)


def softmax(x):
    """y = exp(x) / sum(exp(x)) along the last axis."""
    y = np.exp(x - x.max(axis=-1, keepdims=True))
    return y / y.sum(axis=-1, keepdims=True)


def dense(x, weights, activation):
    """y = activation(x @ kernel + bias)."""
    return FUNCTIONS[activation](x @ weights["kernel"] + weights["bias"])


def gru(x, weights, activation):
    """The last state of a GRU that resets after the product, as Keras has it by default."""
    units = len(weights["recurrent_kernel"])
    states = np.zeros((len(x), units), np.float32)
    parts = x @ weights["kernel"] + weights["bias"]
    for step in range(x.shape[1]):
        inner = states @ weights["recurrent_kernel"] + weights["recurrent_bias"]
        gates = sigmoid(parts[:, step, : 2 * units] + inner[:, : 2 * units])
        update, reset = gates[:, :units], gates[:, units:]
        candidate = np.tanh(parts[:, step, 2 * units :] + reset * inner[:, 2 * units :])
        states = update * states + (1 - update) * candidate
    return states


FUNCTIONS = {"sigmoid": sigmoid, "relu": relu, "softmax": softmax}
LAYERS = {"dense": dense, "gru": gru}


def load(path):
    """(shape of a row, [(layer, activation, weights)]) from a file of networks.py."""
    with np.load(path) as file:
        about = json.loads(str(file["about"]))
        layers = []
        for number, (layer, activation, names) in enumerate(about["layers"]):
            weights = {name: file["%d.%s" % (number, name)] for name in names}  # noqa: UP031
            layers.append((layer, activation, weights))
    return tuple(about["shape"]), layers


def score(model, rows):
    """Scores of rows that lie flat in one array, in batches that fit the processor's caches.

    Shapes: rows (n, ...) -> (n, outputs).
    """
    shape, layers = model
    results = []
    for start in range(0, len(rows), BATCH_ROWS):
        x = rows[start : start + BATCH_ROWS].reshape((-1, *shape))
        for layer, activation, weights in layers:
            x = LAYERS[layer](x, weights, activation)
        results.append(x)
    return np.concatenate(results)


def serve(run, facts):
    """Answer each line of the standard input with the seconds of one pass."""
    print(json.dumps(facts), flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        run()
        print(time.perf_counter() - start, flush=True)


if __name__ == "__main__":
    # The probe says which BLAS this process has; the caller compares it with the server's.
    with open(sys.argv[3]) as probe:  # noqa: PTH123
        found = {}
        exec(probe.read(), found)
    model, rows = load(sys.argv[1]), np.load(sys.argv[2])
    serve(lambda: score(model, rows), found["facts"])
