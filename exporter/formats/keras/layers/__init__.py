"""The one table of supported layers: Keras class -> lowering function.

To add a layer made of existing ops, add a function to the module of its family, a line here and
a case to tests/zoo.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from exporter.formats.keras.context import Context, Value
from exporter.formats.keras.layers import (
    activations,
    attention,
    comparisons,
    conv_recurrent,
    convolution,
    core,
    einsum,
    embedding,
    masking,
    merging,
    normalization,
    operations,
    padding,
    pooling,
    preprocessing,
    recurrent,
    reshaping,
    texts,
    wrappers,
)

Lower = Callable[[Context], Sequence[Value]]


WeightCount = Callable[[Mapping[str, Any]], tuple[int, int]]


def no_weights(config: Mapping[str, Any]) -> tuple[int, int]:
    """For layers that learn nothing."""
    return 0, 0


@dataclass(frozen=True)
class Layer:
    """How a Keras class is lowered: the function, the ops it emits, and its limits in words.

    weights tells from the configuration how many trainable and other weights it has. mask tells
    what becomes of the mask of its input: it goes on with the output (Keras: supports_masking),
    it stops here, or the function sets the masks of its outputs itself. keywords are those
    arguments of its calls that tell what a tensor is for. wraps: it holds another layer, and all
    weights are that one's.
    """

    lower: Lower
    ops: tuple[str, ...]
    limits: str = ""
    weights: WeightCount = no_weights
    mask: Literal["passes", "stops", "own"] = "stops"
    keywords: tuple[str, ...] = ("mask",)
    wraps: bool = False


NO_OP = Layer(core.no_op, (), "does nothing when scoring; training=True is refused", mask="passes")
AUGMENTATION = Layer(
    core.augmentation,
    (),
    "does nothing when scoring; training=True is refused in files of Keras 2",
    mask="passes",
)

LOOKUP_OPS = ("Encode", "Reshape", "Where", "NotEqual", "Affine", "Unary", "Constant")

LAYERS: dict[str, Layer] = {
    "Dense": Layer(
        core.dense,
        ("Dense", *activations.OPS),
        "any rank, all activations",
        core.dense_weights,
        mask="passes",
    ),
    "EinsumDense": Layer(
        einsum.einsum_dense,
        (
            "Dense",
            "Matmul",
            "Constant",
            "Reduce",
            "Reshape",
            "Transpose",
            "Affine",
            *activations.OPS,
        ),
        "equations that keep the rows apart and name no axis of a tensor twice",
        einsum.einsum_dense_weights,
        mask="passes",
    ),
    "Activation": Layer(activations.activation, activations.OPS, mask="passes"),
    "ReLU": Layer(
        activations.relu, ("Activation",), "max_value, negative_slope, threshold", mask="passes"
    ),
    "LeakyReLU": Layer(activations.leaky_relu, ("Activation",), mask="passes"),
    "PReLU": Layer(
        activations.prelu, ("Prelu",), "shared_axes", activations.prelu_weights, mask="passes"
    ),
    "ELU": Layer(activations.elu, ("Activation",), mask="passes"),
    "ThresholdedReLU": Layer(activations.thresholded_relu, ("Activation",), mask="passes"),
    "Softmax": Layer(activations.softmax, ("Softmax",), "one axis, no mask", mask="passes"),
    "BatchNormalization": Layer(
        normalization.batch_normalization,
        ("Affine",),
        "any axis; modes 1 and 2 of Keras 1 are refused",
        normalization.batch_normalization_weights,
        mask="passes",
    ),
    "LayerNormalization": Layer(
        normalization.layer_normalization,
        ("LayerNormalization",),
        "any axes; rms_scaling is refused",
        normalization.scale_and_center_weights,
        mask="passes",
    ),
    "RMSNormalization": Layer(
        normalization.rms_normalization,
        ("Unary", "Reduce", "Affine", "Multiply"),
        "any axes",
        normalization.rms_normalization_weights,
        mask="passes",
    ),
    "GroupNormalization": Layer(
        normalization.group_normalization,
        ("Reshape", "LayerNormalization"),
        "any axis",
        normalization.scale_and_center_weights,
        mask="passes",
    ),
    "UnitNormalization": Layer(
        normalization.unit_normalization, ("UnitNormalization",), "any axes", mask="passes"
    ),
    "Normalization": Layer(
        normalization.normalization,
        ("Standardize", "Affine"),
        "axis, invert; adapted or given",
        normalization.normalization_weights,
        mask="passes",
    ),
    "Rescaling": Layer(
        normalization.rescaling,
        ("Affine",),
        "scale and offset, also per channel",
        mask="passes",
    ),
    "Flatten": Layer(reshaping.flatten, ("Reshape", "Transpose"), "both data formats"),
    "Reshape": Layer(reshaping.reshape, ("Reshape",)),
    "Permute": Layer(reshaping.permute, ("Transpose",)),
    "Concatenate": Layer(merging.concatenate, ("Concatenate",), mask="own"),
    "Add": Layer(merging.add, ("Add",), "inputs of different rank as in Keras", mask="own"),
    "Multiply": Layer(merging.multiply, ("Multiply", "Where", "Fill"), "as Add", mask="own"),
    "Subtract": Layer(merging.subtract, ("Subtract",), "as Add", mask="own"),
    "Average": Layer(merging.average, ("Average",), "as Add", mask="own"),
    "Maximum": Layer(merging.maximum, ("Maximum",), "as Add", mask="own"),
    "Minimum": Layer(merging.minimum, ("Minimum",), "as Add", mask="own"),
    "Dot": Layer(
        merging.dot,
        ("Transpose", "Reshape", "Matmul", "UnitNormalization"),
        "axes, normalize",
        mask="own",
    ),
    "Merge": Layer(
        merging.keras1_merge,
        (
            "Concatenate",
            "Add",
            "Multiply",
            "Average",
            "Maximum",
            "Transpose",
            "Reshape",
            "Matmul",
            "UnitNormalization",
        ),
        "Keras 1, in Functional models: concat, sum, mul, ave, max, dot, cos",
        mask="own",
    ),
    "Masking": Layer(masking.masking, ("NotEqual", "Reduce", "Multiply", "Reshape"), mask="own"),
    "Embedding": Layer(
        embedding.embedding,
        ("Embedding", "NotEqual"),
        "mask_zero; inputs that are no index of the vocabulary are errors",
        embedding.embedding_weights,
        mask="own",
    ),
    "ReversibleEmbedding": Layer(
        embedding.reversible_embedding,
        ("Embedding", "NotEqual", "Dense", "Affine", "Activation"),
        "tied or not, logit_soft_cap",
        embedding.reversible_embedding_weights,
        mask="own",
    ),
    "RepeatVector": Layer(embedding.repeat_vector, ("Reshape", "Repeat")),
    **{
        name: Layer(
            lower,
            (op, "Cut"),
            "masks, initial states, all activations, Keras 1 to 3; stateful is refused",
            recurrent.weight_counter(gates),
            "own",
            recurrent.KEYWORDS,
        )
        for name, lower, op, gates in (
            ("SimpleRNN", recurrent.simple_rnn, "SimpleRnn", 1),
            ("LSTM", recurrent.lstm, "Lstm", 4),
            ("GRU", recurrent.gru, "Gru", 3),
        )
    },
    **{
        f"CuDNN{name}": Layer(
            recurrent.RECURRENT[f"CuDNN{name}"],
            (name.capitalize(), "Cut"),
            f"as {name}, without masks",
            recurrent.weight_counter(1),
            "stops",
            recurrent.KEYWORDS,
        )
        for name in ("LSTM", "GRU")
    },
    **{
        f"ConvLSTM{rank}D": Layer(
            recurrent.RECURRENT[f"ConvLSTM{rank}D"],
            ("FoldTime", "UnfoldTime", "Conv", "ConvLstm", "Cut", "Transpose"),
            "strides, dilation, valid and same, both data formats, masks, initial states;"
            " stateful is refused",
            conv_recurrent.conv_lstm_weights,
            "own",
            recurrent.KEYWORDS,
        )
        for rank in conv_recurrent.RANKS
    },
    "RNN": Layer(
        recurrent.rnn,
        ("SimpleRnn", "Lstm", "Gru", "Cut"),
        "over SimpleRNNCell, LSTMCell, GRUCell, or StackedRNNCells of them",
        recurrent.weight_counter(1),
        "own",
        recurrent.KEYWORDS,
    ),
    "Bidirectional": Layer(
        recurrent.bidirectional,
        (
            "SimpleRnn",
            "Lstm",
            "Gru",
            "ConvLstm",
            "Cut",
            "Concatenate",
            "Add",
            "Multiply",
            "Average",
        ),
        "of SimpleRNN, LSTM, GRU and ConvLSTM, all merge modes",
        mask="own",
        keywords=recurrent.KEYWORDS,
    ),
    "TimeDistributed": Layer(
        wrappers.time_distributed,
        ("FoldTime", "UnfoldTime"),
        "any layer or model of this table",
        mask="own",
        wraps=True,
    ),
    "SpectralNormalization": Layer(
        wrappers.spectral_normalization,
        (),
        "of any layer of this table",
        mask="own",
        wraps=True,
    ),
    "MultiHeadAttention": Layer(
        attention.multi_head_attention,
        ("Dense", "Attention"),
        "of sequences; masks, use_causal_mask; without scores, gate and window",
        attention.multi_head_attention_weights,
        "own",
        attention.KEYWORDS,
    ),
    "GroupedQueryAttention": Layer(
        attention.grouped_query_attention,
        ("Dense", "Attention"),
        "of sequences; masks, use_causal_mask; without scores, gate and window",
        attention.multi_head_attention_weights,
        "own",
        attention.KEYWORDS,
    ),
    "Attention": Layer(
        attention.attention,
        ("Attention", "AdditiveAttention", "Affine", "Multiply"),
        "masks, use_scale, both score modes, use_causal_mask; without scores",
        attention.attention_weights,
        "own",
    ),
    "AdditiveAttention": Layer(
        attention.additive_attention,
        ("AdditiveAttention", "Multiply"),
        "masks, use_scale, use_causal_mask; without scores",
        attention.additive_attention_weights,
        "own",
    ),
    **{
        f"Conv{rank}D": Layer(
            partial(convolution.conv, rank=rank),
            ("Conv", "Transpose", *activations.OPS),
            "strides, dilation, groups, valid, same and causal, both data formats",
            convolution.conv_weights,
        )
        for rank in (1, 2, 3)
    },
    **{
        f"DepthwiseConv{rank}D": Layer(
            partial(convolution.depthwise_conv, rank=rank),
            ("Conv", "Transpose", *activations.OPS),
            "as Conv2D, depth_multiplier",
            convolution.conv_weights,
        )
        for rank in (1, 2)
    },
    **{
        f"SeparableConv{rank}D": Layer(
            partial(convolution.separable_conv, rank=rank),
            ("Conv", "Transpose", *activations.OPS),
            "as Conv2D, depth_multiplier",
            convolution.separable_weights,
        )
        for rank in (1, 2)
    },
    **{
        f"Conv{rank}DTranspose": Layer(
            partial(convolution.conv_transpose, rank=rank),
            ("ConvTranspose", "Transpose", *activations.OPS),
            "strides, dilation, output_padding, valid and same, both data formats",
            convolution.conv_weights,
        )
        for rank in (1, 2, 3)
    },
    **{
        f"LocallyConnected{rank}D": Layer(
            partial(convolution.locally_connected, rank=rank),
            ("LocallyConnected", "Transpose", *activations.OPS),
            "Keras 1 and 2, implementations 1 to 3, both data formats",
            convolution.conv_weights,
        )
        for rank in (1, 2)
    },
    **{
        f"{name}Pooling{rank}D": Layer(
            partial(pooling.pool, rank=rank, mode=name.lower()),
            ("Pool", "Transpose"),
            "strides, valid and same, both data formats",
        )
        for name in ("Max", "Average")
        for rank in (1, 2, 3)
    },
    **{
        f"Adaptive{name}Pooling{rank}D": Layer(
            partial(pooling.adaptive_pool, rank=rank, function=function),
            ("Cut", "Pool", "Reduce", "Concatenate", "Transpose"),
            "both data formats",
        )
        for name, function in (("Max", "max"), ("Average", "mean"))
        for rank in (1, 2, 3)
    },
    **{
        f"Global{name}Pooling{rank}D": Layer(
            partial(pooling.global_pool, rank=rank, function=function),
            ("Reduce", "MaskedMean", "Reshape") if (name, rank) == ("Average", 1) else ("Reduce",),
            "keepdims, both data formats",
            mask="own" if (name, rank) == ("Average", 1) else "stops",
        )
        for name, function in (("Max", "max"), ("Average", "mean"))
        for rank in (1, 2, 3)
    },
    **{
        f"ZeroPadding{rank}D": Layer(
            partial(padding.zero_padding, rank=rank), ("Pad",), "both data formats"
        )
        for rank in (1, 2, 3)
    },
    **{
        f"Cropping{rank}D": Layer(
            partial(padding.cropping, rank=rank), ("Cut",), "both data formats"
        )
        for rank in (1, 2, 3)
    },
    **{
        f"UpSampling{rank}D": Layer(
            partial(padding.up_sampling, rank=rank),
            ("Repeat", *padding.RESAMPLE) if rank == 2 else ("Repeat",),
            "nearest, bilinear; both data formats" if rank == 2 else "",
        )
        for rank in (1, 2, 3)
    },
    "Resizing": Layer(padding.resizing, padding.RESAMPLE, "bilinear and nearest, the whole image"),
    "CenterCrop": Layer(padding.center_crop, ("Cut",), "of images that are large enough"),
    "Discretization": Layer(
        preprocessing.discretization, ("Bucketize", "Encode", "Reshape"), "all output modes"
    ),
    "CategoryEncoding": Layer(
        preprocessing.category_encoding,
        ("Encode", "Reshape"),
        "all output modes; a number that is no category is an error",
        keywords=("count_weights",),
    ),
    "IntegerLookup": Layer(
        preprocessing.integer_lookup,
        ("Lookup", "Modulo", *LOOKUP_OPS),
        "int, one_hot, multi_hot, count, tf_idf; given or adapted (in .keras); num_oov_indices"
        " from 1 on; oov_method farmhash has the limits of Hashing",
    ),
    "StringLookup": Layer(
        preprocessing.string_lookup,
        ("StringLookup", "HashBucket", *LOOKUP_OPS),
        "int, one_hot, multi_hot, count, tf_idf; given or adapted (in .keras)",
    ),
    "TextVectorization": Layer(
        texts.text_vectorization,
        ("Tokenize", "StringLookup", "CountWords"),
        "Keras' own standardize and split, ngrams; int with output_sequence_length, multi_hot,"
        " count, tf_idf; given or adapted (in .keras)",
    ),
    "Hashing": Layer(
        texts.hashing,
        ("HashBucket", "Encode", "Reshape"),
        "of texts and of whole numbers to 2^24; salt, mask_value, all output modes",
    ),
    "HashedCrossing": Layer(
        texts.hashed_crossing,
        ("CrossBucket", "Encode", "Reshape"),
        "of texts and of whole numbers to 2^24; int and one_hot",
    ),
    **{
        name: Layer(function, (*operations.OPS, *comparisons.OPS), limits, keywords=())
        for name, function, limits in (
            (operations.CLASS_NAME, operations.keras_operation, "keras.ops in Functional models"),
            ("TFOpLambda", operations.tensorflow_operation, "TensorFlow's, by tf.keras 2.4 on"),
            ("SlicingOpLambda", operations.tensorflow_operation, "x[...] of tf.keras 2.4 on"),
            ("TensorFlowOpLayer", operations.tensorflow_node, "TensorFlow's, by tf.keras to 2.3"),
        )
    },
    "TFDConcat": Layer(
        merging.concatenate, ("Concatenate",), "in models that begin with a FeatureSpace"
    ),
    "TFDIdentity": Layer(core.no_op, (), "in models that begin with a FeatureSpace"),
    **dict.fromkeys(core.NO_OPS, NO_OP),
    **dict.fromkeys(core.AUGMENTATIONS, AUGMENTATION),
}
