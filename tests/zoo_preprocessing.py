"""Models that begin with preprocessing: bins, categories, vocabularies."""

from __future__ import annotations

from typing import Any

import numpy as np
from zoo_forms import Case, Layer, chain, dense, layer, make, without_h5
from zoo_sequences import SENTENCES, draw, sequence
from zoo_sequences import WORDS as TEXTS

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


def several_adapted(keras: Any) -> Any:
    """Lookups whose vocabularies lie beside the configuration, in another order than their names,
    and one whose vocabulary is in the configuration."""
    layers = keras.layers
    words = [keras.Input((2,), name=f"words_{n}", dtype="string") for n in range(3)]
    ids = keras.Input((2,), name="ids", dtype="int64")
    texts = keras.Input((1,), name="texts", dtype="string")
    first = layers.StringLookup(name="zulu")
    first.adapt(list(TEXTS[:2]))
    given = layers.StringLookup(vocabulary=list(TEXTS[:3]), name="mike")
    last = layers.StringLookup(name="alpha", num_oov_indices=2, mask_token="")
    last.adapt(list(TEXTS[1:3]))
    numbers = layers.IntegerLookup(name="n", num_oov_indices=3)
    numbers.adapt([3, 5, 5, 0])
    tokens = layers.TextVectorization(output_sequence_length=4, name="t")
    tokens.adapt(list(SENTENCES))
    outputs = [given(words[0]), last(words[1]), first(words[2]), numbers(ids), tokens(texts)]
    return keras.Model([*words, ids, texts], outputs)


def adapted_texts(**arguments: Any) -> Case:
    """A TextVectorization whose vocabulary was found in texts."""

    def build(keras: Any) -> Any:
        x = keras.Input((1,), name="texts", dtype="string")
        tokens = keras.layers.TextVectorization(**arguments)
        tokens.adapt([text for text in SENTENCES if "\n" not in text])  # not a word in a file
        return keras.Model(x, keras.layers.Dense(2)(keras.layers.Rescaling(1.0)(tokens(x))))

    return without_h5(Case(build, ("TextVectorization",)))


def text_model(keras: Any) -> Any:
    """A classifier of texts as tutorials build it."""
    layers = keras.layers
    tokens = layers.TextVectorization(max_tokens=30, output_sequence_length=6)
    tokens.adapt(list(SENTENCES))
    x = keras.Input((1,), name="texts", dtype="string")
    h = layers.Embedding(30, 4, mask_zero=True)(tokens(x))
    h = layers.LSTM(3)(h)
    return keras.Model(x, layers.Dense(1, activation="sigmoid")(h))


def hashed(dtype: str, shape: tuple[int, ...], **arguments: Any) -> Case:
    """A Hashing of texts or of whole numbers."""

    def build(keras: Any) -> Any:
        x = keras.Input(shape, name="texts" if dtype == "string" else "ids", dtype=dtype)
        return keras.Model(x, keras.layers.Hashing(**arguments)(x))

    return Case(build, ("Hashing",))


def crossed(*dtypes: str, **arguments: Any) -> Case:
    """A HashedCrossing of columns of these types."""

    def build(keras: Any) -> Any:
        inputs = [
            keras.Input((1,), name=f"{'texts' if kind == 'string' else 'ids'}_{n}", dtype=kind)
            for n, kind in enumerate(dtypes)
        ]
        return keras.Model(inputs, keras.layers.HashedCrossing(**arguments)(inputs))

    return Case(build, ("HashedCrossing",))


def feature_space(keras: Any, output_mode: str, only: str = "") -> Any:
    """A FeatureSpace with every kind of feature, adapted; only: with those of one name's start."""
    space = keras.utils.FeatureSpace
    kinds = {
        "float": "float",
        "floats_normalized": "float_normalized",
        "floats_rescaled": space.float_rescaled(scale=1 / 255.0, offset=0.5),
        "floats_in_bins": space.float_discretized(num_bins=4),
        "words_1": space.string_categorical(max_tokens=4),
        "words_2": space.string_categorical(num_oov_indices=3),
        "texts": space.string_hashed(num_bins=7),
        "ids_1": space.integer_categorical(),
        "ids_2": space.integer_hashed(num_bins=5),
    }
    kinds = {name: kind for name, kind in kinds.items() if name.startswith(only)}
    crosses = [space.cross(("words_1", "ids_1"), 11), ("texts", "ids_2")]
    if output_mode == "dict":
        kinds["words_3"] = space.string_categorical(output_mode="int")
        crosses.append(space.cross(("ids_1", "ids_2"), 9, output_mode="int"))
    made = space(kinds, output_mode=output_mode, crosses=None if only else crosses)
    rng = np.random.default_rng(4)
    columns = {name: draw(name, [60], rng) for name in kinds}
    for name, x in columns.items():
        if x.dtype == object:
            x[x == ""] = "ja"  # Keras loses an empty word when it reads the vocabulary
            columns[name] = x.astype(str)
    made.adapt(columns)
    return made


def encoded_features(output_mode: str, only: str = "") -> Case:
    """A model that begins with a FeatureSpace, as it is deployed."""

    def build(keras: Any) -> Any:
        space = feature_space(keras, output_mode, only)
        y = space.get_encoded_features()
        if output_mode == "concat":
            y = keras.layers.Dense(2, "sigmoid")(keras.layers.Dense(4, "tanh")(y))
        return keras.Model(dict(space.get_inputs()), y)  # no dict, so calls of it warn

    classes = {"concat": ("TFDConcat", "Dense"), "dict": ("TFDIdentity", "HashedCrossing")}
    return without_h5(Case(build, classes[output_mode]))


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
    "string_lookup_hashed": words(4, vocabulary=TEXTS[:2], num_oov_indices=5, mask_token=""),
    "string_lookup_salted": words(4, vocabulary=TEXTS[:2], num_oov_indices=5, salt=[7, 2**40]),
    "string_lookup_padded": words(
        4, vocabulary=TEXTS[:2], output_mode="count", max_tokens=9, pad_to_max_tokens=True
    ),
    "string_lookup_tf_idf": words(
        4, vocabulary=TEXTS[:3], output_mode="tf_idf", idf_weights=[0.5, 2.0, 0.25]
    ),
    "integer_lookup_several_unknown": ids(4, vocabulary=WORDS, num_oov_indices=3),
    "integer_lookup_hashed": ids(
        4, vocabulary=WORDS, num_oov_indices=3, oov_method="farmhash", salt=9
    ),
    "integer_lookup_tf_idf": ids(
        4, vocabulary=WORDS, output_mode="tf_idf", idf_weights=[0.5, 2.0, 0.25, 1.0]
    ),
    "lookups_several_adapted": without_h5(
        Case(several_adapted, ("StringLookup", "IntegerLookup", "TextVectorization"))
    ),
    "text_model": without_h5(Case(text_model, ("TextVectorization", "Embedding"))),
    **{f"text_{split}_{standardize}": adapted_texts(
        standardize=standardize, split=split, output_sequence_length=5
       ) for split in ("whitespace", "character")
       for standardize in (None, "lower", "strip_punctuation")},
    **{f"text_{mode}": adapted_texts(output_mode=mode, ngrams=2)
       for mode in ("multi_hot", "count", "tf_idf")},
    "text_ngrams": adapted_texts(ngrams=(3, 1), output_sequence_length=7),
    "text_padded": adapted_texts(output_mode="tf_idf", max_tokens=60, pad_to_max_tokens=True),
    "text_not_split": text_chain((3,), layer(
        "TextVectorization", split=None, standardize=None, vocabulary=TEXTS[:3])),
    "text_given": text_chain((1,), layer(
        "TextVectorization", vocabulary=["ja", "größer", "x"], output_mode="tf_idf",
        idf_weights=[0.5, 2.0, 0.25])),
    "hashing": hashed("string", (3,), num_bins=17),
    "hashing_salted": hashed("string", (3,), num_bins=17, salt=[7, 2**40]),
    "hashing_masked": hashed("string", (3,), num_bins=5, mask_value="HELLO", salt=133),
    "hashing_numbers": hashed("int64", (3,), num_bins=17, mask_value=3),
    **{f"hashing_{mode}_{n}": hashed("string", (n,), num_bins=6, output_mode=mode)
       for mode in ("one_hot", "multi_hot", "count") for n in (1, 3)},
    "hashed_crossing": crossed("string", "string", num_bins=1000),
    "hashed_crossing_numbers": crossed("int64", "int64", num_bins=50),
    "hashed_crossing_one_hot": crossed("string", "int64", num_bins=7, output_mode="one_hot"),
    "feature_space": encoded_features("concat"),
    "feature_space_of_numbers": encoded_features("concat", "float"),
    "feature_space_dict": encoded_features("dict"),
    "string_lookup_beside_numbers": Case(texts_and_numbers, ("StringLookup", "Embedding")),
}  # fmt: skip
