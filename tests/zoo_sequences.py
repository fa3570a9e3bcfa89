"""Models of sequences: masks, recurrent layers, wrappers, attention, normalizing.

An input's name tells what rows are drawn for it: ids... are whole numbers below VOCABULARY,
mask_... zeros and ones, and in masked... some steps hold MASKED only: the first, the last, single
ones, or all of a row.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from zoo_forms import Case, Layer, chain, dense, layer, make

VOCABULARY = 7
WORDS = ("ja", "größer", "模型 x", 'a"b\\c', "", "[UNK]")
SENTENCES = (
    "Hello, World! hello", "", "  ", "über ÜBER Straße", "a.b,c d\u00a0e",
    "it's (a) [test] \\ ^_`{|}~", "one two three four five six",
    "\u2003x\ty\nz", "HELLO", "naïve café 模型 x", "İstanbul Ⅷ #1",
)  # fmt: skip
MASKED = 0.0
SHAPE = (6, 3)


def draw(name: str, shape: list[int], rng: np.random.Generator) -> np.ndarray:
    """Rows for an input of this name."""
    if name.startswith("mask_"):
        return (rng.uniform(size=shape) < 0.6).astype("float32")
    if name.startswith("ids"):
        return rng.integers(VOCABULARY, size=shape).astype("float32")
    if name.startswith("words"):
        return rng.choice(np.array(WORDS, object), size=shape)
    if name.startswith("texts"):
        return rng.choice(np.array(SENTENCES, object), size=shape)
    values = rng.normal(0.0, 2.0, shape).astype("float32")
    if name.startswith("masked"):
        masked = rng.uniform(size=shape[:2]) < 0.4
        masked[0], masked[1], masked[2, :2], masked[3, -2:] = True, False, True, True
        values[masked] = MASKED
    return values


def sequence(*layers: Layer, name: str = "masked", shape: tuple[int | None, ...] = SHAPE) -> Case:
    """A Sequential on an input of this name."""

    def build(keras: Any) -> Any:
        return keras.Sequential(
            [keras.Input(shape, name=name), *(make(keras, item) for item in layers)]
        )

    return Case(build, tuple(dict.fromkeys(item.class_name for item in layers)))


def wrapped(class_name: str, inner: Layer, **arguments: Any) -> Callable[[Any], Any]:
    """A wrapper around a layer."""
    return lambda keras: getattr(keras.layers, class_name)(make(keras, inner), **arguments)


def stack(
    *makers: Callable[[Any], Any],
    covers: tuple[str, ...],
    name: str = "masked",
    shape: tuple[int | None, ...] = SHAPE,
    is_functional: bool = False,
) -> Case:
    """Layers made by functions, one after another, as a Sequential or a Functional model."""

    def build(keras: Any) -> Any:
        x = keras.Input(shape, name=name)
        if not is_functional:
            return keras.Sequential([x, *(maker(keras) for maker in makers)])
        y = x
        for maker in makers:
            y = maker(keras)(y)
        return keras.Model(x, y)

    return Case(build, covers)


def both(*layers: Layer, **arguments: Any) -> dict[str, Case]:
    """The same chain as a Sequential and, with explicit masks in the file, as a Functional."""
    makers = [lambda keras, item=item: make(keras, item) for item in layers]
    covers = tuple(dict.fromkeys(item.class_name for item in layers))
    return {
        "": sequence(*layers, **arguments),
        "_functional": stack(*makers, covers=covers, is_functional=True, **arguments),
    }


def recurrent(class_name: str, *variants: dict[str, Any]) -> dict[str, Case]:
    """A case for each variant of a recurrent layer, without and with a mask."""
    cases = {}
    for variant in variants:
        text = "_".join(f"{key}_{value}" for key, value in variant.items())
        name = f"{class_name.lower()}_{text}".rstrip("_").lower()
        cell = layer(class_name, units=4, **variant)
        cases[name] = chain(SHAPE, cell)
        for suffix, case in both(layer("Masking", mask_value=MASKED), cell).items():
            cases[f"{name}_masked{suffix}"] = case
    return cases


def bidirectional(**arguments: Any) -> dict[str, Case]:
    """All merge modes of an LSTM and a GRU, with and without sequences and masks."""
    cases = {}
    for mode in ("concat", "sum", "mul", "ave"):
        for sequences in (False, True):
            for class_name in ("LSTM", "GRU", "SimpleRNN"):
                cell = Layer(class_name, {"units": 4, "return_sequences": sequences})
                makers = [
                    lambda keras: keras.layers.Masking(),
                    wrapped("Bidirectional", cell, merge_mode=mode),
                ]
                name = f"bidirectional_{mode}_{class_name.lower()}" + "_sequences" * sequences
                cases[name] = stack(*makers, covers=("Masking", "Bidirectional"))
    return cases


def bidirectional_apart(keras: Any) -> Any:
    """Two outputs: merge_mode None."""
    layers = keras.layers
    x = keras.Input(SHAPE, name="masked")
    first, second = layers.Bidirectional(layers.LSTM(3, return_sequences=True), merge_mode=None)(
        layers.Masking()(x)
    )
    return keras.Model(x, [layers.LSTM(2)(second), layers.GRU(2)(first)])


def bidirectional_states(keras: Any) -> Any:
    """The last states of both directions."""
    layers = keras.layers
    x = keras.Input(SHAPE)
    outputs = layers.Bidirectional(layers.LSTM(3, return_state=True, return_sequences=True))(x)
    return keras.Model(x, list(outputs))


def bidirectional_own_backward(keras: Any) -> Any:
    """A backward layer of its own."""
    layers = keras.layers
    x = keras.Input(SHAPE, name="masked")
    forward = layers.LSTM(3, return_sequences=True)
    backward = layers.GRU(3, return_sequences=True, go_backwards=True, activation="relu")
    y = layers.Bidirectional(forward, backward_layer=backward)(layers.Masking()(x))
    return keras.Model(x, y)


def states(class_name: str, **arguments: Any) -> Callable[[Any], Any]:
    """All that a recurrent layer returns, of a masked input."""

    def build(keras: Any) -> Any:
        x = keras.Input(SHAPE, name="masked")
        cell = getattr(keras.layers, class_name)(4, return_state=True, **arguments)
        return keras.Model(x, list(cell(keras.layers.Masking()(x))))

    return build


def only_the_output(keras: Any) -> Any:
    """States that nothing uses."""
    x = keras.Input(SHAPE)
    y, _, _ = keras.layers.LSTM(4, return_state=True)(x)
    return keras.Model(x, y)


def encoder_decoder(keras: Any) -> Any:
    """The last states of one LSTM are the first of another."""
    layers = keras.layers
    x, y = keras.Input(SHAPE, name="masked_x"), keras.Input((4, 2), name="y")
    _, h, c = layers.LSTM(4, return_state=True)(layers.Masking()(x))
    decoded = layers.LSTM(4, return_sequences=True)(y, initial_state=[h, c])
    decide = layers.TimeDistributed(layers.Dense(3, activation="softmax"))
    return keras.Model([x, y], decide(decoded))


def masked_with_states(keras: Any) -> Any:
    """Initial states and a mask: masked first steps give zeros."""
    layers = keras.layers
    x, h = keras.Input(SHAPE, name="masked"), keras.Input((4,), name="h")
    masked = layers.Masking()(x)
    y = layers.GRU(4, return_sequences=True)(masked, initial_state=h)
    return keras.Model([x, h], [y, layers.SimpleRNN(4)(masked, initial_state=[h])])


def cells(keras: Any) -> Any:
    """RNN over each of the cells."""
    layers = keras.layers
    x = keras.Input(SHAPE, name="masked")
    masked = layers.Masking()(x)
    return keras.Model(
        x,
        [
            layers.RNN(layers.LSTMCell(3), return_sequences=True)(masked),
            layers.RNN(layers.GRUCell(3))(masked),
            layers.RNN(layers.SimpleRNNCell(3), go_backwards=True)(x),
        ],
    )


def shared_recurrent(keras: Any) -> Any:
    """One LSTM and one Bidirectional, both called twice."""
    layers = keras.layers
    a, b = keras.Input(SHAPE, name="masked_a"), keras.Input(SHAPE, name="b")
    shared, two = layers.LSTM(3), layers.Bidirectional(layers.GRU(2))
    masked = layers.Masking()(a)
    return keras.Model(
        [a, b], layers.Concatenate()([shared(masked), shared(b), two(masked), two(b)])
    )


def text(keras: Any) -> Any:
    """Embedding with a mask, averaged."""
    layers = keras.layers
    x = keras.Input((6,), name="ids")
    h = layers.Embedding(VOCABULARY, 4, mask_zero=True)(x)
    return keras.Model(x, layers.Dense(2, activation="softmax")(layers.GlobalAveragePooling1D()(h)))


def mask_through_layers(keras: Any) -> Any:
    """A mask on its way through layers that pass it on, and one that does not."""
    layers = keras.layers
    x = keras.Input(SHAPE, name="masked")
    h = layers.Dropout(0.3)(layers.Masking()(x))
    h = layers.Dense(4, activation="tanh")(h)
    h = layers.BatchNormalization()(layers.Activation("relu")(h))
    h = layers.LayerNormalization()(layers.LeakyReLU()(h))
    h = layers.TimeDistributed(layers.Dense(3))(h)
    h = layers.GRU(4, return_sequences=True)(layers.SpatialDropout1D(0.2)(h))
    lost = layers.Reshape((6, 4))(h)
    return keras.Model(x, [layers.LSTM(3)(h), layers.LSTM(3)(lost)])


def merged_masks(class_name: str) -> Callable[[Any], Any]:
    """Two inputs with different masks, joined; and one with a mask and one without."""

    def build(keras: Any) -> Any:
        layers = keras.layers
        a, b = keras.Input(SHAPE, name="masked_a"), keras.Input(SHAPE, name="masked_b")
        first, second = layers.Masking()(a), layers.Masking()(b)
        two = getattr(layers, class_name)()([first, second])
        one = getattr(layers, class_name)()([first, b])
        same = getattr(layers, class_name)()([first, layers.Dense(3)(first)])
        return keras.Model([a, b], [layers.LSTM(3)(item) for item in (two, one, same)])

    return build


def merged_masks_sequential(keras: Any) -> Any:
    """Masks joined where no layer after it gets its mask by keyword."""
    layers = keras.layers
    a, b = keras.Input(SHAPE, name="masked_a"), keras.Input(SHAPE, name="masked_b")
    joined = layers.Add()([layers.Masking()(a), layers.Masking()(b)])
    tail = keras.Sequential([keras.Input(SHAPE), layers.Dense(2), layers.LSTM(3)])
    return keras.Model([a, b], tail(joined))


def masks_along_steps(keras: Any) -> Any:
    """Masked sequences one after the other."""
    layers = keras.layers
    a, b = keras.Input(SHAPE, name="masked_a"), keras.Input(SHAPE, name="masked_b")
    joined = layers.Concatenate(axis=1)([layers.Masking()(a), layers.Masking()(b)])
    tail = keras.Sequential([keras.Input((12, 3)), layers.GRU(3)])
    return keras.Model([a, b], tail(joined))


def nested_masked(keras: Any) -> Any:
    """A mask goes into a nested model and comes out of it."""
    layers = keras.layers
    z = keras.Input(SHAPE)
    inner = keras.Model(z, layers.LSTM(4, return_sequences=True)(layers.Dense(3)(z)))
    x = keras.Input(SHAPE, name="masked")
    return keras.Model(x, layers.GRU(3)(inner(layers.Masking()(x))))


def explicit_mask(keras: Any) -> Any:
    """A mask that is not the input's own, given by keyword."""
    layers = keras.layers
    x, other = keras.Input(SHAPE, name="x"), keras.Input(SHAPE, name="masked")
    mask = layers.Masking().compute_mask(other)
    return keras.Model([x, other], layers.LSTM(3, return_sequences=True)(x, mask=mask))


def computed_mask(keras: Any) -> Any:
    """A mask made of others by operations."""
    layers, ops = keras.layers, keras.ops
    given, other = keras.Input(SHAPE, name="x"), keras.Input(SHAPE, name="masked")
    first = layers.Masking().compute_mask(other)
    second = ops.all(ops.equal(ops.ones_like(other), 0.0), axis=-1)
    mask = ops.logical_and(ops.logical_or(first, second), ops.logical_not(second))
    x = ops.where(ops.not_equal(given, 0.5), given, ops.zeros_like(given))
    return keras.Model([given, other], layers.GRU(3, return_sequences=True)(x, mask=mask))


def hierarchical(keras: Any) -> Any:
    """A model of words applied to every sentence, as in document classifiers."""
    layers = keras.layers
    words = keras.Input((5,))
    h = layers.Embedding(VOCABULARY, 4, mask_zero=True)(words)
    sentence = keras.Model(words, layers.Bidirectional(layers.GRU(3))(h), name="sentence")
    x = keras.Input((4, 5), name="ids")
    return keras.Model(x, layers.LSTM(3)(layers.TimeDistributed(sentence)(x)))


def distributed(*shape: int, free: bool = False) -> Callable[..., Case]:
    """TimeDistributed around a layer."""

    def case(inner: Layer, name: str = "x") -> Case:
        return stack(
            wrapped("TimeDistributed", inner),
            covers=("TimeDistributed",),
            name=name,
            shape=(None, *shape[1:]) if free else shape,
        )

    return case


def distributed_twice(keras: Any) -> Any:
    """TimeDistributed in TimeDistributed, and one layer shared by two calls."""
    layers = keras.layers
    x = keras.Input((3, 4, 5))
    shared = layers.TimeDistributed(layers.TimeDistributed(layers.Dense(5)))
    inner = layers.TimeDistributed(layers.LSTM(3, return_sequences=True))
    return keras.Model(x, inner(shared(shared(x))))


def attend(
    class_name: str, *, masked: bool, key: bool = False, call: dict[str, Any], **arguments: Any
) -> Callable[[Any], Any]:
    """Attention between two sequences, masked or not, with a key of its own or not."""

    def build(keras: Any) -> Any:
        layers = keras.layers
        inputs = [
            keras.Input((n, 4), name=f"masked_{n}" if masked else f"x{n}_{i}")
            for i, n in enumerate((3, 5, 5)[: 2 + key])
        ]
        given = [layers.Masking()(x) if masked else x for x in inputs[:2]] + inputs[2:]
        function = getattr(layers, class_name)(**arguments)
        if class_name == "MultiHeadAttention":
            y = function(*given, **call)
        else:
            y = function(given, **call)
        if masked:
            y = layers.Concatenate(axis=-1)([y, layers.GRU(2, return_sequences=True)(y)])
        return keras.Model(inputs, y)

    return build


def attend_cases() -> dict[str, Case]:
    """Attention of each class over its options."""
    cases = {}
    plain: list[tuple[str, str, dict[str, Any]]] = [
        ("heads", "MultiHeadAttention", {"num_heads": 2, "key_dim": 3}),
        ("wide", "MultiHeadAttention", {
            "num_heads": 2, "key_dim": 3, "value_dim": 5, "output_shape": 6, "use_bias": False
        }),
        ("dropout", "MultiHeadAttention", {"num_heads": 1, "key_dim": 4, "dropout": 0.4}),
        ("dot", "Attention", {}),
        ("scaled", "Attention", {"use_scale": True, "dropout": 0.2}),
        ("concat", "Attention", {"score_mode": "concat"}),
        ("concat_scaled", "Attention", {"score_mode": "concat", "use_scale": True}),
        ("additive", "AdditiveAttention", {}),
        ("additive_plain", "AdditiveAttention", {"use_scale": False}),
    ]  # fmt: skip
    for name, class_name, arguments in plain:
        for masked in (False, True):
            for causal in (False, True):
                call = {"use_causal_mask": True} if causal else {}
                full = f"attention_{name}" + "_masked" * masked + "_causal" * causal
                build = attend(class_name, masked=masked, call=call, **arguments)
                cases[full] = Case(build, (class_name,))
        build = attend(class_name, masked=False, key=True, call={}, **arguments)
        cases[f"attention_{name}_key"] = Case(build, (class_name,))
    return cases


def transformer(keras: Any) -> Any:
    """A block of a transformer over masked words."""
    layers = keras.layers
    ids = keras.Input((6,), name="ids")
    x = layers.Embedding(VOCABULARY, 8, mask_zero=True)(ids)
    x = layers.LayerNormalization(epsilon=1e-6)(
        layers.Add()([x, layers.MultiHeadAttention(2, 4)(x, x)])
    )
    h = layers.Dense(8)(layers.Dense(12, activation="gelu")(x))
    x = layers.LayerNormalization(epsilon=1e-6)(layers.Add()([x, h]))
    return keras.Model(ids, layers.Dense(2)(layers.GlobalAveragePooling1D()(x)))


def heads_by_keyword(keras: Any) -> Any:
    """query, value, key and a mask by keyword."""
    layers = keras.layers
    q, v, k = (keras.Input((n, 4), name=name) for n, name in ((3, "q"), (5, "v"), (5, "k")))
    mask = keras.Input((3, 5), name="mask_of_pairs")
    y = layers.MultiHeadAttention(2, 3)(query=q, value=v, key=k, attention_mask=mask)
    return keras.Model([q, v, k, mask], y)


def conv_lstm_cases() -> dict[str, Case]:
    """Layers whose steps are images: options, both orders of axes, every rank."""
    shapes = {1: (3, 5, 2), 2: (3, 4, 5, 2), 3: (2, 3, 4, 3, 2)}
    options: tuple[dict[str, Any], ...] = (
        {}, {"strides": 2}, {"padding": "same", "return_sequences": True},
        {"padding": "same", "strides": (2, 1), "kernel_size": (2, 3)},
        {"dilation_rate": 2, "kernel_size": 2}, {"go_backwards": True, "return_sequences": True},
        {"use_bias": False, "activation": "relu", "recurrent_activation": "hard_sigmoid"},
        {"activation": "softmax", "unit_forget_bias": False},
        {"data_format": "channels_first", "kernel_size": 2, "return_sequences": True},
    )  # fmt: skip
    cases = {}
    for rank, shape in shapes.items():
        for n, variant in enumerate(options if rank == 2 else options[:3]):
            arguments = {"filters": 2, "kernel_size": 3 if rank < 3 else 2, **variant}
            cases[f"conv_lstm{rank}d_{n}"] = chain(shape, layer(f"ConvLSTM{rank}D", **arguments))
    return cases


def conv_lstm_states(keras: Any) -> Any:
    """States taken and given, both orders of axes, and a prediction of the next images."""
    layers = keras.layers
    x, y = keras.Input((3, 4, 5, 2), name="x"), keras.Input((2, 4, 5, 1), name="y")
    _, h, c = layers.ConvLSTM2D(2, 3, padding="same", return_state=True)(x)
    decoder = layers.ConvLSTM2D(2, (3, 2), padding="same", return_sequences=True, return_state=True)
    decoded, *_ = states = decoder(y, initial_state=[h, c])
    images = keras.Input((3, 2, 4, 5), name="images")
    first = layers.ConvLSTM2D(
        2, 3, padding="same", data_format="channels_first", return_state=True
    )(images, initial_state=[layers.Permute((3, 1, 2))(s) for s in (h, c)])
    frames = layers.Conv3D(1, 3, padding="same", activation="sigmoid")(decoded)
    return keras.Model([x, y, images], [frames, *states, *first])


def conv_lstm_masked(keras: Any) -> Any:
    """Masks given by keyword, forwards, backwards and both ways."""
    layers = keras.layers
    x, weight = keras.Input((4, 4, 3, 2), name="x"), keras.Input((4,), name="mask_of_steps")
    mask = keras.ops.greater(weight, 0.5)
    outputs = [
        layers.ConvLSTM2D(2, 2, return_sequences=n > 0, go_backwards=n == 1)(x, mask=mask)
        for n in range(3)
    ]
    both = layers.Bidirectional(layers.ConvLSTM2D(2, 2, return_sequences=True))
    return keras.Model([x, weight], [*outputs, both(x, mask=mask)])


FUNCTIONS: tuple[tuple[Callable[[Any], Any], tuple[str, ...]], ...] = (
    (bidirectional_apart, ("Bidirectional",)),
    (bidirectional_states, ("Bidirectional",)),
    (bidirectional_own_backward, ("Bidirectional",)),
    (conv_lstm_states, ("ConvLSTM2D",)),
    (conv_lstm_masked, ("ConvLSTM2D", "Bidirectional")),
    (only_the_output, ("LSTM",)),
    (encoder_decoder, ("LSTM", "TimeDistributed")),
    (masked_with_states, ("GRU", "SimpleRNN")),
    (cells, ("RNN",)),
    (shared_recurrent, ("LSTM", "Bidirectional")),
    (text, ("Embedding", "GlobalAveragePooling1D")),
    (mask_through_layers, ("Masking", "GRU", "LSTM")),
    (merged_masks_sequential, ("Masking", "LSTM")),
    (masks_along_steps, ("Masking", "GRU", "Concatenate")),
    (nested_masked, ("LSTM", "GRU")),
    (explicit_mask, ("LSTM",)),
    (computed_mask, ("GRU",)),
    (hierarchical, ("TimeDistributed", "LSTM")),
    (distributed_twice, ("TimeDistributed",)),
    (transformer, ("MultiHeadAttention", "LayerNormalization")),
    (heads_by_keyword, ("MultiHeadAttention",)),
)

CELL_OPTIONS: tuple[dict[str, Any], ...] = (
    {},
    {"return_sequences": True},
    {"go_backwards": True, "return_sequences": True},
    {"use_bias": False, "activation": "relu"},
    {"return_sequences": True, "zero_output_for_mask": True},
    {"go_backwards": True, "unroll": True},
    {"activation": "softmax", "dropout": 0.3, "recurrent_dropout": 0.2},
)
GATE_OPTIONS: tuple[dict[str, Any], ...] = (
    {"recurrent_activation": "hard_sigmoid"},
    {"recurrent_activation": "softmax", "activation": "linear"},
)
RESETS: tuple[dict[str, Any], ...] = tuple(
    {"reset_after": False, **options}
    for options in ({}, {"use_bias": False}, {"return_sequences": True})
)


def stacked(masks: bool, **arguments: Any) -> Callable[[Any], Any]:
    """An RNN over three cells, two of one class."""

    def build(keras: Any) -> Any:
        layers = keras.layers
        x = keras.Input(SHAPE, name="masked")
        h = layers.Masking()(x) if masks else x
        cells = [layers.LSTMCell(3), layers.GRUCell(4, use_bias=False), layers.LSTMCell(2)]
        return keras.Model(x, layers.RNN(cells, **arguments)(h))

    return build


def grouped_query(masks: bool, causal: bool, **arguments: Any) -> Callable[[Any], Any]:
    """Attention of six heads that share two keys and values."""

    def build(keras: Any) -> Any:
        layers = keras.layers
        x = keras.Input(SHAPE, name="masked")
        h = layers.Masking()(x) if masks else x
        attend = layers.GroupQueryAttention(4, 6, 2, **arguments)
        return keras.Model(x, attend(h, h, use_causal_mask=causal))

    return build


def reversible(**arguments: Any) -> Callable[[Any], Any]:
    """Indices to vectors and back to one number for each index."""

    def build(keras: Any) -> Any:
        x = keras.Input((4,), name="ids")
        both = keras.layers.ReversibleEmbedding(VOCABULARY, 3, **arguments)
        h = keras.layers.Dense(3, activation="tanh")(both(x))
        return keras.Model(x, both(h, reverse=True))

    return build


SEQUENCES: dict[str, Case] = {
    **{
        f"stacked_cells_{n}": Case(stacked(masks, **arguments), ("RNN",))
        for n, (masks, arguments) in enumerate((
            (False, {}), (False, {"return_sequences": True}), (True, {}),
            (True, {"return_sequences": True, "zero_output_for_mask": True}),
            (False, {"go_backwards": True, "return_sequences": True}),
        ))
    },
    **{
        f"grouped_query_{n}": Case(grouped_query(masks, causal, **arguments),
                                   ("GroupedQueryAttention",))
        for n, (masks, causal, arguments) in enumerate((
            (False, False, {}), (False, True, {"use_bias": False}), (True, False, {}),
        ))
    },
    **{
        f"reversible_embedding_{n}": Case(reversible(**arguments), ("ReversibleEmbedding",))
        for n, arguments in enumerate((
            {}, {"tie_weights": False}, {"logit_soft_cap": 2.5, "mask_zero": True},
        ))
    },

    **{name: case
       for class_name, variants in (
           ("SimpleRNN", CELL_OPTIONS),
           ("LSTM", (*CELL_OPTIONS, *GATE_OPTIONS)),
           ("GRU", (*CELL_OPTIONS, *GATE_OPTIONS, *RESETS)),
       )
       for name, case in recurrent(class_name, *variants).items()},
    **conv_lstm_cases(),
    "lstm_free_length": chain((None, 3), layer("LSTM", units=4, return_sequences=True)),
    "gru_stack": chain(
        SHAPE, layer("GRU", units=4, return_sequences=True), layer("Dropout", rate=0.2),
        layer("GRU", units=3), dense(1),
    ),
    "masking": sequence(layer("Masking")),
    "masking_value": chain(SHAPE, layer("Masking", mask_value=1.5)),
    "masking_free": sequence(layer("Masking"), layer("LSTM", units=3), shape=(None, 3)),
    **bidirectional(),
    **{f"states_{class_name.lower()}{'_sequences' * sequences}{'_zero' * zero}": Case(
        states(class_name, return_sequences=sequences, zero_output_for_mask=zero), (class_name,))
       for class_name in ("SimpleRNN", "GRU", "LSTM")
       for sequences in (False, True) for zero in (False, True)},
    "autoencoder": Case(
        lambda keras: keras.Sequential([
            keras.Input(SHAPE), keras.layers.LSTM(5), keras.layers.RepeatVector(6),
            keras.layers.LSTM(5, return_sequences=True),
            keras.layers.TimeDistributed(keras.layers.Dense(3)),
        ]),
        ("LSTM", "RepeatVector", "TimeDistributed"),
    ),
    # Embedding.
    "embedding": sequence(layer("Embedding", input_dim=7, output_dim=3), name="ids", shape=(6,)),
    "embedding_free": sequence(
        layer("Embedding", input_dim=7, output_dim=3), name="ids", shape=(None,)
    ),
    "embedding_matrix": sequence(
        layer("Embedding", input_dim=9, output_dim=2), name="ids", shape=(2, 3)
    ),
    "embedding_scalar": sequence(
        layer("Embedding", input_dim=9, output_dim=2), name="ids", shape=()
    ),
    **{f"embedding_masked{suffix}": case
       for suffix, case in both(
           layer("Embedding", input_dim=7, output_dim=3, mask_zero=True),
           layer("Dropout", rate=0.1), layer("LSTM", units=3), name="ids", shape=(6,),
       ).items()},
    "repeat_vector": chain((4,), layer("RepeatVector", n=3)),
    **{f"masks_of_{name.lower()}": Case(merged_masks(name), (name, "Masking"))
       for name in ("Add", "Multiply", "Average", "Maximum", "Minimum", "Subtract")},
    "masks_of_concatenate": Case(merged_masks("Concatenate"), ("Concatenate",)),
    **{f"average_pooling_masked{suffix}": case
       for suffix, case in both(
           layer("Masking"), layer("GlobalAveragePooling1D", keepdims=True)).items()},
    # TimeDistributed.
    "distributed_dense": distributed(4, 3)(dense(2, "relu")),
    "distributed_dense_softmax": distributed(4, 3)(dense(2, "softmax")),
    "distributed_activation": distributed(4, 3)(layer("Activation", activation="softmax")),
    "distributed_flatten": distributed(4, 3, 2)(layer("Flatten")),
    "distributed_batch_norm": distributed(4, 3)(layer("BatchNormalization")),
    "distributed_lstm": distributed(4, 5, 3)(layer("LSTM", units=2)),
    "distributed_conv": distributed(3, 6, 5, 2)(layer("Conv2D", filters=3, kernel_size=3)),
    "distributed_free": distributed(4, 5, 3, free=True)(layer("GRU", units=2)),
    "distributed_embedding": distributed(4, 5)(
        layer("Embedding", input_dim=7, output_dim=2), name="ids"
    ),
    # Normalizing.
    "layer_norm": chain((4, 5), layer("LayerNormalization")),
    "layer_norm_axis": chain((4, 5), layer("LayerNormalization", axis=1, epsilon=0.1)),
    "layer_norm_axes": chain((4, 5, 3), layer("LayerNormalization", axis=[1, -1])),
    "layer_norm_plain": chain((5,), layer("LayerNormalization", scale=False, center=False)),
    "layer_norm_scale": chain((None, 5), layer("LayerNormalization", center=False)),
    "group_norm": chain((4, 6), layer("GroupNormalization", groups=3)),
    "group_norm_instance": chain((4, 5, 6), layer("GroupNormalization", groups=-1, scale=False)),
    "group_norm_one": chain((6,), layer("GroupNormalization", groups=1, center=False)),
    "group_norm_axis": chain((6, 4, 5), layer("GroupNormalization", groups=2, axis=1)),
    "group_norm_free": chain((None, 6), layer("GroupNormalization", groups=2)),
    "unit_norm": chain((4, 5), layer("UnitNormalization")),
    "unit_norm_axes": chain((4, 5), layer("UnitNormalization", axis=[1, 2])),
    **attend_cases(),
    **{function.__name__: Case(function, covers) for function, covers in FUNCTIONS},
}  # fmt: skip
