"""Kernels that bring a row's own numbers to a mean, a deviation or a length."""

import numpy as np

from plpython.tables import kernel


@kernel
def layer_normalization(axes, epsilon, gamma=None, beta=None):
    """y = (x - mean) / sqrt(variance + epsilon) * gamma + beta, moments along axes.

    The axes count the batch as 0; gamma and beta are broadcast over the batch.
    """
    axes = tuple(axes)

    def call(x):
        y = x - x.mean(axis=axes, keepdims=True)
        y /= np.sqrt((y * y).mean(axis=axes, keepdims=True) + x.dtype.type(epsilon))
        if gamma is not None:
            y *= gamma
        if beta is not None:
            y += beta
        return y

    return call


@kernel
def unit_normalization(axes, epsilon):
    """y = x * min(1 / sqrt(sum(x^2)), 1 / epsilon) along axes, which count the batch as 0."""
    axes = tuple(axes)

    def call(x):
        inverse = 1 / np.sqrt((x * x).sum(axis=axes, keepdims=True))
        return x * np.minimum(inverse, x.dtype.type(1 / epsilon))

    return call
