"""Models that begin with preprocessing: bins, categories, vocabularies."""

from __future__ import annotations

from typing import Any

import numpy as np
from zoo_forms import Case, chain, dense, layer, make
from zoo_sequences import sequence

BINS = [-1.0, 0.25, 1.5]
WORDS = [3, 0, 5, 2]


def adapted_bins(keras: Any) -> Any:
    """Bins found in data; the configuration holds them."""
    bins = keras.layers.Discretization(num_bins=4)
    bins.adapt(np.random.default_rng(9).normal(size=(200, 1)))
    return keras.Sequential([keras.Input((3,)), bins, make(keras, dense(2))])


def ids(*shape: int, **arguments: Any) -> Case:
    """An IntegerLookup on whole numbers of this shape."""
    return sequence(layer("IntegerLookup", **arguments), name="ids", shape=shape)


PREPROCESSING: dict[str, Case] = {
    "discretization": chain((4,), layer("Discretization", bin_boundaries=BINS)),
    "discretization_matrix": chain((4, 3), layer("Discretization", bin_boundaries=BINS)),
    "discretization_adapted": Case(adapted_bins, ("Discretization",)),
    **{
        f"discretization_{mode}_{n}": chain(
            (n,), layer("Discretization", bin_boundaries=BINS, output_mode=mode), dense(2)
        )
        for mode in ("one_hot", "multi_hot", "count") for n in (1, 4)
    },
    **{
        f"category_encoding_{mode}_{n}": sequence(
            layer("CategoryEncoding", num_tokens=9, output_mode=mode), dense(2),
            name="ids", shape=(n,),
        )
        for mode in ("one_hot", "multi_hot", "count") for n in (1, 4)
    },
    "integer_lookup": ids(4, vocabulary=WORDS),
    "integer_lookup_mask": ids(4, vocabulary=WORDS, mask_token=1),
    "integer_lookup_special": ids(4, vocabulary=[1, -1, *WORDS], mask_token=1),
    **{f"integer_lookup_{mode}_{n}": ids(n, vocabulary=WORDS, output_mode=mode)
       for mode in ("one_hot", "multi_hot", "count") for n in (1, 4)},
}  # fmt: skip
