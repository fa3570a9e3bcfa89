"""Models that begin with preprocessing: bins, categories, vocabularies."""

from __future__ import annotations

from typing import Any

import numpy as np
from zoo_forms import Case, Layer, chain, dense, layer, make, without_h5
from zoo_sequences import WORDS as TEXTS
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


def words(*shape: int | None, **arguments: Any) -> Case:
    """A StringLookup on texts of this shape."""
    return text_chain(shape, layer("StringLookup", **arguments))


def text_chain(shape: tuple[int | None, ...], *layers: Layer) -> Case:
    """A Sequential on texts."""

    def build(keras: Any) -> Any:
        start = keras.Input(shape, name="words", dtype="string")
        return keras.Sequential([start, *(make(keras, item) for item in layers)])

    return Case(build, tuple(item.class_name for item in layers))


def adapted_words(keras: Any) -> Any:
    """A vocabulary found in data; the .keras file holds it beside the configuration."""
    lookup = keras.layers.StringLookup(output_mode="count")
    lookup.adapt(["ja", "nein", "ja", "größer", "模型 x"])
    start = keras.Input((3,), name="words", dtype="string")
    return keras.Sequential([start, lookup, make(keras, dense(2))])


def texts_and_numbers(keras: Any) -> Any:
    """Two columns of texts, each with its vocabulary, beside numbers."""
    layers = keras.layers
    first = keras.Input((1,), name="words_1", dtype="string")
    second = keras.Input((2,), name="words_2", dtype="string")
    numbers = keras.Input((3,), name="numbers")
    one_hot = layers.StringLookup(vocabulary=TEXTS[:2], output_mode="one_hot")(first)
    ids = layers.StringLookup(vocabulary=TEXTS[1:4], mask_token="")(second)
    embedded = layers.Flatten()(layers.Embedding(6, 2)(ids))
    joined = layers.Concatenate()([one_hot, embedded, numbers])
    return keras.Model([first, second, numbers], layers.Dense(2, "softmax")(joined))


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
    "string_lookup": words(4, vocabulary=TEXTS[:3]),
    "string_lookup_free": words(None, vocabulary=TEXTS[:3]),
    "string_lookup_all_known": words(4, vocabulary=TEXTS, oov_token="[OOV]", num_oov_indices=0),
    "string_lookup_mask": words(4, vocabulary=TEXTS[:3], mask_token=""),
    "string_lookup_special": words(4, vocabulary=["", "[UNK]", *TEXTS[:2]], mask_token=""),
    **{f"string_lookup_{mode}_{n}": text_chain(
        (n,), layer("StringLookup", vocabulary=TEXTS[:3], output_mode=mode), dense(2)
       ) for mode in ("one_hot", "multi_hot", "count") for n in (1, 4)},
    "string_lookup_adapted": without_h5(Case(adapted_words, ("StringLookup",))),
    "string_lookup_beside_numbers": Case(texts_and_numbers, ("StringLookup", "Embedding")),
}  # fmt: skip
