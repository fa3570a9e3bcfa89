"""The ops that every layer is lowered to; one kernel of the same name in each runtime.

A module for each family; all names are here.
"""

from exporter.ir.ops.activation import Activation, Glu, LogSoftmax, Prelu, Softmax, Sparsemax
from exporter.ir.ops.attention import AdditiveAttention, Attention, check_attention
from exporter.ir.ops.base import Elementwise, Op
from exporter.ir.ops.convolution import Conv, ConvTranspose, LocallyConnected
from exporter.ir.ops.elementwise import (
    Add,
    Average,
    Clip,
    Compare,
    Constant,
    Divide,
    Fill,
    Maximum,
    Merge,
    Minimum,
    Modulo,
    Multiply,
    NotEqual,
    Power,
    Subtract,
    Unary,
    Where,
)
from exporter.ir.ops.linear import Affine, Dense, Matmul, Product, Standardize
from exporter.ir.ops.lookup import Bucketize, Embedding, Encode, Lookup
from exporter.ir.ops.normalization import LayerNormalization, UnitNormalization
from exporter.ir.ops.pooling import Pool
from exporter.ir.ops.recurrent import ConvLstm, Gru, Lstm, Recurrent, SimpleRnn
from exporter.ir.ops.reduction import Cumulate, FindExtreme, MaskedMean, Reduce
from exporter.ir.ops.shapes import (
    MAX_WINDOW,
    Shape,
    broadcast_shapes,
    check_axis,
    check_broadcast,
    count_windows,
    fits,
)
from exporter.ir.ops.shaping import (
    Concatenate,
    Cut,
    FoldTime,
    Pad,
    Repeat,
    Reshape,
    Transpose,
    UnfoldTime,
)
from exporter.ir.ops.tabular import Select
from exporter.ir.ops.tensor import Key, Tensor, as_tensor, named
from exporter.ir.ops.text import (
    CountWords,
    CrossBucket,
    HashBucket,
    StringLookup,
    Tokenize,
    WordLookup,
    check_texts,
)
from exporter.ir.ops.traits import PLAIN, Traits

__all__ = [
    "MAX_WINDOW",
    "PLAIN",
    "Activation",
    "Add",
    "AdditiveAttention",
    "Affine",
    "Attention",
    "Average",
    "Bucketize",
    "Clip",
    "Compare",
    "Concatenate",
    "Constant",
    "Conv",
    "ConvLstm",
    "ConvTranspose",
    "CountWords",
    "CrossBucket",
    "Cumulate",
    "Cut",
    "Dense",
    "Divide",
    "Elementwise",
    "Embedding",
    "Encode",
    "Fill",
    "FindExtreme",
    "FoldTime",
    "Glu",
    "Gru",
    "HashBucket",
    "Key",
    "LayerNormalization",
    "LocallyConnected",
    "LogSoftmax",
    "Lookup",
    "Lstm",
    "MaskedMean",
    "Matmul",
    "Maximum",
    "Merge",
    "Minimum",
    "Modulo",
    "Multiply",
    "NotEqual",
    "Op",
    "Pad",
    "Pool",
    "Power",
    "Prelu",
    "Product",
    "Recurrent",
    "Reduce",
    "Repeat",
    "Reshape",
    "Select",
    "Shape",
    "SimpleRnn",
    "Softmax",
    "Sparsemax",
    "Standardize",
    "StringLookup",
    "Subtract",
    "Tensor",
    "Tokenize",
    "Traits",
    "Transpose",
    "Unary",
    "UnfoldTime",
    "UnitNormalization",
    "Where",
    "WordLookup",
    "as_tensor",
    "broadcast_shapes",
    "check_attention",
    "check_axis",
    "check_broadcast",
    "check_texts",
    "count_windows",
    "fits",
    "named",
]
