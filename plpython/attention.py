"""Attention: each position of one sequence looks at all of another."""

import numpy as np

from plpython.recurrent import _blocks
from plpython.tables import kernel


@kernel
def attention(heads, scale, is_causal, is_masked, zeroes_masked):
    """y = softmax(scale * query @ key^T) @ value in each of heads equal parts of the last axis.

    Shapes: query (rows, t, heads * n), key (rows, s, heads * n), value (rows, s, heads * m),
    mask, where is_masked, broadcast to (rows, t, s) -> y (rows, t, heads * m).
    """

    def split(x):
        return x.reshape(x.shape[0], x.shape[1], heads, -1).transpose(0, 2, 1, 3)

    def scores(query, key):
        query = query * query.dtype.type(scale)
        return split(query) @ split(key).transpose(0, 1, 3, 2)

    def call(query, key, value, *masks):
        y = np.zeros(query.shape[:2] + value.shape[2:], query.dtype)
        for part in _blocks(len(query), heads * query.shape[1] * key.shape[1]):
            mask = masks[0][part, None] if is_masked else None
            weights = _attend(scores(query[part], key[part]), mask, is_causal, zeroes_masked)
            y[part] = (weights @ split(value[part])).transpose(0, 2, 1, 3).reshape(y[part].shape)
        return y

    return call


@kernel
def additive_attention(scale, is_causal, is_masked):
    """y = softmax(sum(scale * tanh(query + key))) @ value, the sum along the last axis.

    Shapes: as attention with one head; scale (n,) or (1,).
    """

    def call(query, key, value, *masks):
        y = np.zeros(query.shape[:2] + value.shape[2:], query.dtype)
        for part in _blocks(len(query), query.shape[1] * key.shape[1] * query.shape[2]):
            pairs = np.tanh(query[part, :, None] + key[part, None])
            mask = masks[0][part] if is_masked else None
            y[part] = _attend((scale * pairs).sum(axis=-1), mask, is_causal) @ value[part]
        return y

    return call


def _attend(scores, mask, is_causal, zeroes_masked=False):
    """Softmax along the last axis of scores (..., t, s), 0 where mask is 0 or, if causal, s > t.

    Where nothing is left, the weights are equal (Keras adds so large a negative number that in
    float32 the scores vanish beside it), or 0 where zeroes_masked is set.
    """
    allowed = True if mask is None else mask != 0
    if is_causal:
        order = np.arange(scores.shape[-1]) <= np.arange(scores.shape[-2])[:, None]
        allowed = allowed & order
    scores = np.where(allowed, scores, scores.dtype.type(-1e30))
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = e / e.sum(axis=-1, keepdims=True)
    return weights * allowed if zeroes_masked else weights
