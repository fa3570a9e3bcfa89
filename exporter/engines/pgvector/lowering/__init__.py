"""What each op is as statements and expressions: a module for each family of exporter/ir/ops."""

from __future__ import annotations

import math
from collections.abc import Mapping

from exporter.engines.pgvector.lowering.activation import activation, log_softmax, prelu, softmax
from exporter.engines.pgvector.lowering.convolution import conv, pad, pool
from exporter.engines.pgvector.lowering.elementwise import (
    cast,
    clipped,
    compared,
    constants,
    difference,
    fill,
    merge,
    multiplied,
    not_equal,
    unary,
    where,
)
from exporter.engines.pgvector.lowering.linear import affine, dense, standardize
from exporter.engines.pgvector.lowering.lookup import (
    bucketize,
    embedding,
    encode,
    lookup,
    string_lookup,
)
from exporter.engines.pgvector.lowering.normalization import layer_normalization
from exporter.engines.pgvector.lowering.recurrent import recurrent
from exporter.engines.pgvector.lowering.reduction import masked_mean, reduce
from exporter.engines.pgvector.lowering.rows import fold_time, unfold_time
from exporter.engines.pgvector.lowering.shaping import (
    concatenate,
    cut,
    repeat,
    reshape,
    select,
    transpose,
)
from exporter.engines.pgvector.lowering.tabular import (
    decide,
    discretize,
    impute,
    impute_texts,
    indicate,
    is_missing,
    map_numbers,
    map_texts,
    normalize_row,
    products,
)
from exporter.engines.pgvector.lowering.trees import trees
from exporter.engines.pgvector.scalars import average, largest, over, smallest, total
from exporter.engines.pgvector.values import Lowering
from exporter.ir import ops

LOWERINGS: Mapping[type[ops.Op], Lowering] = {
    ops.Activation: activation,
    ops.Add: merge(total, sum),
    ops.Affine: affine,
    ops.Average: merge(average, max),
    ops.Bucketize: bucketize,
    ops.Cast: cast,
    ops.Clip: clipped,
    ops.Compare: compared,
    ops.Concatenate: concatenate,
    ops.Constant: constants,
    ops.Conv: conv,
    ops.Cut: cut,
    ops.Decide: decide,
    ops.Dense: dense,
    ops.Discretize: discretize,
    ops.Divide: merge(lambda items: over(*items), lambda bounds: math.inf),
    ops.Embedding: embedding,
    ops.Encode: encode,
    ops.Fill: fill,
    ops.FoldTime: fold_time,
    ops.Gru: recurrent,
    ops.Impute: impute,
    ops.ImputeTexts: impute_texts,
    ops.Indicate: indicate,
    ops.IsMissing: is_missing,
    ops.LayerNormalization: layer_normalization,
    ops.LogSoftmax: log_softmax,
    ops.Lookup: lookup,
    ops.Lstm: recurrent,
    ops.MapNumbers: map_numbers,
    ops.MapTexts: map_texts,
    ops.MaskedMean: masked_mean,
    ops.Maximum: merge(largest, max),
    ops.Minimum: merge(smallest, max),
    ops.Multiply: multiplied,
    ops.NormalizeRow: normalize_row,
    ops.NotEqual: not_equal,
    ops.Pad: pad,
    ops.Pool: pool,
    ops.Prelu: prelu,
    ops.Products: products,
    ops.Reduce: reduce,
    ops.Repeat: repeat,
    ops.Reshape: reshape,
    ops.Select: select,
    ops.SimpleRnn: recurrent,
    ops.Softmax: softmax,
    ops.Standardize: standardize,
    ops.StringLookup: string_lookup,
    ops.Subtract: merge(difference, sum),
    ops.Transpose: transpose,
    ops.Trees: trees,
    ops.Unary: unary,
    ops.UnfoldTime: unfold_time,
    ops.Where: where,
}
"""The ops that this engine computes; it lacks all others."""
