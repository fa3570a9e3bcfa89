"""The rules of kernels of networks: what they take, and what becomes of shapes."""

import math

from plpython.activations import ACTIVATIONS
from plpython.convolution import count_at_once
from plpython.data import a_flag, a_number, either, list_of, one_of, optional, tuple_of, whole
from plpython.elementwise import COMPARISONS, FUNCTIONS
from plpython.recurrent import BLOCK_NUMBERS, LOOK_STEPS
from plpython.reductions import REDUCTIONS
from plpython.values import (
    CALL,
    ERF,
    EXP,
    MADD,
    TOUCH,
    WIDTHS,
    Value,
    along,
    broadcast,
    fit,
    fit_exactly,
    need,
    numbers_of,
    rows_of,
    rule,
    tensor,
)

AXIS = whole(1, 16)
AXES = list_of(AXIS, least=1)
STEPS = list_of(whole(1), most=3, least=1)
MOST_TAPS = 2**20  # positions of a window; a kernel sees each of them on its own
ANY = tensor(*range(17))


def _options(value):
    """The type of an activation's options: its own, by name."""
    is_dict = type(value) is dict and all(type(key) is str for key in value)
    fine = is_dict and all(type(item) is bool or not a_number(item) for item in value.values())
    return None if fine else "an object of numbers"


def _gate_type(value):
    """The type of an activation as recurrent kernels take it: its name, its options in pairs."""
    if type(value) is not list or len(value) != 2 or type(value[0]) is not str:
        return "a name and options"
    pairs = list_of(tuple_of(lambda key: None if type(key) is str else "a name", _option))
    return pairs(value[1]) or _check_function(value[0], [key for key, _ in value[1]], GATES)


_option = either(a_flag, a_number)
GATES = ("softmax", "log_softmax", "sparsemax")  # along the units of a gate, without options


def _check_function(name, options, others=()):
    """What is wrong with an activation and the names of its options; None where nothing is."""
    if name in others:
        return "without options" if options else None
    if name not in ACTIVATIONS:
        return "an activation"
    code = ACTIVATIONS[name].__code__
    taken = code.co_varnames[1 : code.co_argcount]
    fine = len(set(options)) == len(options) and set(options) <= set(taken)
    return None if fine else f"{name} with options of its own"


def _function_cost(function, kind, size):
    """The time of an activation or the like."""
    return size * (ERF if kind == "f8" and function in ("gelu", "erf") else 2 * EXP)


@rule("activation", function=one_of(*ACTIVATIONS), parameters=_options)
def _of_activation(x, function, parameters):
    wanted = _check_function(function, list(parameters))
    need(wanted is None, f"it should be {wanted}")
    kind = numbers_of(x)
    work, scratch = _function_cost(function, kind, x.size), 4 * x.bytes
    return x.like(kind=kind, work=work, scratch=scratch)


@rule("unary", function=one_of(*FUNCTIONS))
def _of_unary(x, function):
    kind = numbers_of(x)
    return x.like(kind=kind, work=_function_cost(function, kind, x.size), scratch=2 * x.bytes)


@rule("softmax", "log_softmax", "sparsemax", axis=AXIS)
def _of_softmax(x, axis):
    along(x, axis)
    kind = numbers_of(x)
    return x.like(kind=kind, work=15 * EXP * x.size, scratch=6 * x.bytes)  # sparsemax sorts


@rule("glu", axis=AXIS)
def _of_glu(x, axis):
    length, before, behind = along(x, axis)
    need(length % 2 == 0, "the axis that it halves has an odd length")
    kind = numbers_of(x)
    return x.like((*before, length // 2, *behind), kind, work=2 * EXP * x.size, scratch=x.bytes)


@rule("prelu", alpha=ANY)
def _of_prelu(x, alpha):
    fit(x, alpha)
    return x.like(kind=numbers_of(x, alpha), scratch=2 * x.bytes)


@rule("affine", scale=ANY, offset=ANY)
def _of_affine(x, scale, offset):
    fit(x, scale, offset)
    return x.like(kind=numbers_of(x, scale, offset), scratch=x.bytes)


@rule("standardize", mean=ANY, deviation=ANY)
def _of_standardize(x, mean, deviation):
    fit(x, mean, deviation)
    return x.like(kind=numbers_of(x, mean, deviation), scratch=x.bytes)


@rule("clip", low=a_number, high=a_number)
@rule("not_equal", value=a_number)
@rule("fill", value=a_number)
def _of_elements(x, low=0, high=0, value=0):
    return x.like(kind=numbers_of(x), work=4 * TOUCH * x.size, scratch=2 * x.bytes)


@rule("cast", dtype=one_of("float32", "float64"))
def _of_cast(x, dtype):
    numbers_of(x)
    return x.like(kind="f8" if dtype == "float64" else "f4", scratch=x.bytes)


@rule("constant", inputs=0, value=ANY)
def _of_constant(value):
    made = Value(value.shape, numbers_of(value))
    made.is_constant = True
    return made


@rule("add", "multiply", "average", "maximum", "minimum", inputs=(1, 2**16))
@rule("subtract", "divide", "modulo", "power", inputs=2)
@rule("compare", inputs=2, function=one_of(*COMPARISONS))
@rule("where", inputs=3)
def _of_several(*xs, function=None):
    need(len({len(x.shape) for x in xs}) == 1, "its inputs differ in how many axes they have")
    made = Value(broadcast(*[x.shape for x in xs]), numbers_of(*xs), rows_of(xs))
    made.is_constant = all(x.is_constant for x in xs)
    return made.like(work=3 * EXP * made.size * len(xs), scratch=made.bytes)


@rule("matmul", inputs=2)
def _of_matmul(a, b):
    need(len(a.shape) == len(b.shape) >= 2 and a.shape[-1] == b.shape[-2], "matrices do not fit")
    shape = (*broadcast(a.shape[:-2], b.shape[:-2]), a.shape[-2], b.shape[-1])
    made = Value(shape, numbers_of(a, b), rows_of((a, b)))
    few = CALL / 4 * made.size / (shape[-1] * shape[-2])  # a product of matrices is a call
    return made.like(work=_product(made, a.shape[-1]) + few)


def _product(made, depth):
    """The time of a product of matrices."""
    return made.size * depth * MADD * (2 if made.kind == "f8" else 1) + TOUCH * made.size


@rule("dense", kernel=tensor(2), bias=tensor(1))
def _of_dense(x, kernel, bias=None):
    need(len(x.shape) >= 1 and x.shape[-1] == kernel.shape[0], "its kernel does not fit the input")
    fit_exactly(x, kernel.shape[1:], bias)
    made = x.like((*x.shape[:-1], kernel.shape[1]), numbers_of(x, kernel))
    work = _product(made, kernel.shape[0])
    return made.like(work=work, scratch=made.bytes, copies=kernel.nbytes)


@rule("embedding", table=tensor(2))
def _of_embedding(x, table):
    need(len(table) > 0, "its table is empty")
    numbers_of(x)
    made = x.like((*x.shape, table.shape[1]), numbers_of(table))
    return made.like(work=2 * TOUCH * made.size + 10 * TOUCH * x.size, scratch=4 * x.bytes)


@rule("layer_normalization", axes=AXES, epsilon=a_number, gamma=ANY, beta=ANY)
@rule("unit_normalization", axes=AXES, epsilon=a_number)
def _of_normalization(x, axes, epsilon, gamma=None, beta=None):
    for axis in axes:
        along(x, axis)
    need(len(set(axes)) == len(axes), "an axis comes twice")
    fit(x, gamma, beta)
    kind = numbers_of(x, *[item for item in (gamma, beta) if item is not None])
    return x.like(kind=kind, work=2 * EXP * x.size, scratch=3 * x.bytes)


@rule("reduce", function=one_of(*REDUCTIONS), axes=AXES, keepdims=a_flag)
def _of_reduce(x, function, axes, keepdims):
    for axis in axes:
        along(x, axis)
    need(len(set(axes)) == len(axes), "an axis comes twice")
    kept = [
        1 if axis in axes else n
        for axis, n in enumerate(x.shape, 1)
        if keepdims or axis not in axes
    ]
    return x.like(kept, numbers_of(x), work=2 * TOUCH * x.size)


@rule("find_extreme", function=one_of("max", "min"), axis=AXIS)
def _of_find_extreme(x, function, axis):
    _, before, behind = along(x, axis)
    made = x.like((*before, *behind), numbers_of(x))
    return made.like(work=EXP * x.size, scratch=3 * x.bytes)


@rule("cumulate", function=one_of("sum", "prod"), axis=AXIS)
def _of_cumulate(x, function, axis):
    along(x, axis)
    return x.like(kind=numbers_of(x), work=4 * TOUCH * x.size)


@rule("masked_mean", inputs=2, axis=AXIS)
def _of_masked_mean(x, mask, axis):
    length, before, behind = along(x, axis)
    need(mask.shape == (length,), "its mask does not fit")
    rows_of((x, mask))
    made = x.like((*before, *behind), numbers_of(x, mask))
    return made.like(work=4 * TOUCH * x.size, scratch=2 * x.bytes)


# What moves elements.


def _alike(values):
    """The kind of some values of which all are texts, or none is."""
    kinds = {value.kind for value in values}
    need("text" not in kinds or len(kinds) == 1, "it takes texts and numbers together")
    return "text" if "text" in kinds else numbers_of(*values)


@rule("concatenate", inputs=(1, 2**16), axis=AXIS)
def _of_concatenate(*xs, axis):
    parts = [along(x, axis) for x in xs]
    need(len({part[1:] for part in parts}) == 1, "its inputs do not fit together")
    shape = (*parts[0][1], sum(length for length, _, _ in parts), *parts[0][2])
    return Value(shape, _alike(xs), rows_of(xs))


@rule("reshape", shape=list_of(whole(-1)))
def _of_reshape(x, shape):
    own = math.prod(x.shape)
    known = math.prod(n for n in shape if n != -1)
    fine = known and shape.count(-1) <= 1 and own % known == 0
    need(fine and (-1 in shape or own == known), "it cannot give its input this shape")
    return x.like([own // known if n == -1 else n for n in shape], work=CALL)


@rule("transpose", axes=list_of(AXIS))
def _of_transpose(x, axes):
    need(sorted(axes) == list(range(1, len(x.shape) + 1)), "its axes are not the input's")
    return x.like([x.shape[axis - 1] for axis in axes], work=CALL)


@rule("pad", widths=list_of(tuple_of(whole(0), whole(0))), value=a_number)
def _of_pad(x, widths, value):
    need(len(widths) == len(x.shape), "its widths are not of the input's axes")
    return x.like([n + a + b for n, (a, b) in zip(x.shape, widths)], numbers_of(x))


_POSITION = optional(whole(-(2**31)))


@rule("cut", slices=list_of(tuple_of(_POSITION, _POSITION, _POSITION)))
def _of_cut(x, slices):
    need(len(slices) == len(x.shape), "its slices are not of the input's axes")
    need(all(step != 0 for _, _, step in slices), "a step is 0")
    return x.like([len(range(n)[slice(*item)]) for n, item in zip(x.shape, slices)], work=CALL)


@rule("repeat", times=whole(1), axis=AXIS)
def _of_repeat(x, times, axis):
    length, before, behind = along(x, axis)
    return x.like((*before, times * length, *behind), numbers_of(x))


@rule("fold_time")
def _of_fold_time(x):
    need(len(x.shape) >= 1 and not x.is_constant, "its input has no steps")
    return x.like(x.shape[1:], rows=x.rows * x.shape[0], work=CALL)


@rule("unfold_time", inputs=2)
def _of_unfold_time(x, folded):
    fine = len(folded.shape) >= 1 and x.rows == folded.rows * folded.shape[0]
    need(fine and not (x.is_constant or folded.is_constant), "it was not folded like this")
    return x.like((folded.shape[0], *x.shape), rows=folded.rows, work=CALL)


# What slides windows.


def _padded(lengths, size, strides, dilation, padding):
    """How long axes are with what padding puts around them, and how many windows there are."""
    need(math.prod(size) <= MOST_TAPS, "its window is too large")
    full, counts = [], []
    for n, k, s, d in zip(lengths, size, strides, dilation):
        span = (k - 1) * d + 1
        if padding == "causal":
            n += span - 1
        elif padding == "same":
            n += max(0, (n - 1) // s * s + span - n)
        need(n >= span, f"a sequence of {n} is too short, the model needs {span}")
        full.append(n)
        counts.append((n - span) // s + 1)
    return full, counts


@rule(
    "conv", kernel=tensor(3, 4, 5), strides=STEPS, dilation=STEPS,
    padding=one_of("valid", "same", "causal"), groups=whole(1), bias=tensor(1),
)  # fmt: skip
def _of_conv(x, kernel, strides, dilation, padding, groups=1, bias=None):
    *size, depth, filters = kernel.shape
    fine = len(strides) == len(dilation) == len(size) == len(x.shape) - 1 and kernel.size
    need(
        fine and filters % groups == 0 and x.shape[-1] == depth * groups, "its kernel does not fit"
    )
    fit_exactly(x, (filters,), bias)
    full, counts = _padded(x.shape[:-1], size, strides, dilation, padding)
    made = x.like((*counts, filters), numbers_of(x, kernel))
    taps = math.prod(size)
    patches = math.prod(counts) * taps * x.shape[-1] * made.rows
    wide = WIDTHS[made.kind]
    scratch = wide * (math.prod(full) * x.shape[-1] * made.rows + patches) + 2 * made.bytes
    return _cut(made, _product(made, taps * depth) + 2 * TOUCH * patches, scratch, patches)


def _cut(made, work, scratch, numbers, calls=0):
    """The cost of what is done to slices of a batch, see count_at_once(); calls that of numpy's
    calls, which do not grow with the rows."""
    rows = count_at_once(numbers // made.rows, made.shape[-1]) / made.rows
    scratch /= made.rows
    return made.like(
        work=work, calls=calls, scratch=scratch, is_cut=True, piece=work * rows + calls
    )


@rule(
    "conv_transpose", kernel=tensor(3, 4, 5), strides=STEPS, dilation=STEPS,
    before=list_of(whole(0), most=3, least=1), after=list_of(whole(-(2**31)), most=3, least=1),
    bias=tensor(1),
)  # fmt: skip
def _of_conv_transpose(x, kernel, strides, dilation, before, after, bias=None):
    *size, filters, depth = kernel.shape
    axes = {len(strides), len(dilation), len(before), len(after), len(size), len(x.shape) - 1}
    need(len(axes) == 1 and kernel.size and x.shape[-1] == depth, "its kernel does not fit")
    need(math.prod(size) <= MOST_TAPS, "its window is too large")
    fit_exactly(x, (filters,), bias)
    lengths = x.shape[:-1]
    full = [(n - 1) * s + 1 + (k - 1) * d for n, k, s, d in zip(lengths, size, strides, dilation)]
    whole_size = math.prod(n - min(a, 0) for n, a in zip(full, after)) * filters
    need(all(b < n for b, n in zip(before, full)), "nothing is left")
    made = x.like(
        [*[n - b - a for n, b, a in zip(full, before, after)], filters], numbers_of(x, kernel)
    )
    taps = math.prod(size)
    windows = math.prod(lengths) * taps * filters * made.rows
    work = windows * depth * 2 * MADD + 4 * TOUCH * windows
    scratch = 8 * (3 * windows + whole_size * made.rows) + made.bytes
    return _cut(made, work, scratch, windows, taps * 2 * CALL)


@rule("locally_connected", kernel=tensor(4, 6, 8), strides=STEPS, bias=tensor(2, 3, 4))
def _of_locally_connected(x, kernel, strides, bias=None):
    axes = len(strides)
    need(kernel.ndim == 2 * axes + 2 and len(x.shape) == axes + 1, "its kernel does not fit")
    counts, size = kernel.shape[:axes], kernel.shape[axes : 2 * axes]
    depth, filters = kernel.shape[2 * axes :]
    need(kernel.size and x.shape[-1] == depth, "its kernel does not fit")
    fit_exactly(x, (*counts, filters), bias)
    _, found = _padded(x.shape[:-1], size, strides, (1,) * axes, "valid")
    need(tuple(found) == counts, "its kernel is for other positions")
    made = x.like((*counts, filters), numbers_of(x, kernel))
    patches = math.prod(counts) * math.prod(size) * depth * made.rows
    work = _product(made, math.prod(size) * depth) + 4 * TOUCH * patches
    return _cut(made, work, 16 * patches + made.bytes, patches, CALL * math.prod(counts))


@rule("pool", mode=one_of("max", "average"), size=STEPS, strides=STEPS,
      padding=one_of("valid", "same"))  # fmt: skip
def _of_pool(x, mode, size, strides, padding):
    need(len(size) == len(strides) == len(x.shape) - 1, "its window does not fit")
    full, counts = _padded(x.shape[:-1], size, strides, (1,) * len(size), padding)
    made = x.like((*counts, x.shape[-1]), numbers_of(x))
    taps = math.prod(size)
    work = 2 * taps * TOUCH * made.size
    return made.like(
        work=work,
        calls=2 * taps * CALL,
        scratch=16 * math.prod(full) * x.shape[-1] * x.rows + made.bytes,
    )


# What goes along sequences.


@rule("attention", inputs=(3, 4), heads=whole(1), scale=a_number, is_causal=a_flag,
      is_masked=a_flag, zeroes_masked=a_flag)  # fmt: skip
def _of_attention(query, key, value, *masks, heads, scale, is_causal, is_masked, zeroes_masked):
    return _attend_shapes(heads, 1, is_masked, query, key, value, *masks)


@rule("additive_attention", inputs=(3, 4), scale=tensor(1), is_causal=a_flag, is_masked=a_flag)
def _of_additive_attention(query, key, value, *masks, scale, is_causal, is_masked):
    need(query.shape and scale.shape[0] in (1, query.shape[-1]), "its scale does not fit")
    return _attend_shapes(1, query.shape[-1], is_masked, query, key, value, *masks)


def _attend_shapes(heads, wide, is_masked, query, key, value, *masks):
    """What attention gives; wide is how many numbers there are for a query and a key."""
    values = (query, key, value, *masks)
    need(len(masks) == is_masked and all(len(x.shape) == 2 for x in values), "inputs do not fit")
    (t, n), (s, width), (length, m) = query.shape, key.shape, value.shape
    need(n == width and s == length and n % heads == 0 == m % heads, "its inputs do not fit")
    need(not masks or broadcast((t, s), masks[0].shape) == (t, s), "its mask does not fit")
    made = Value((t, m), numbers_of(*values), rows_of(values))
    scores = heads * t * s * made.rows
    work = t * s * (n + m) * MADD * 2 * made.rows + scores * (6 * EXP + 2 * EXP * (wide - 1))
    rows = max(1, BLOCK_NUMBERS // (heads * t * s * wide)) / made.rows
    scratch = 8 * (8 * scores + 3 * wide * t * s * made.rows) / made.rows
    return made.like(work=work, scratch=scratch, is_cut=True, piece=work * rows)


@rule("simple_rnn", inputs=(1, 3), kernel=tensor(2), recurrent_kernel=tensor(2), bias=tensor(1),
      activation=_gate_type, result=one_of("sequence", "last", "hidden", "cell"),
      is_masked=a_flag, has_states=a_flag, zeroes_masked=a_flag)  # fmt: skip
def _of_simple_rnn(x, *others, **given):
    return _recur(1, 1, x, others, **given)


@rule("lstm", inputs=(1, 4), kernel=tensor(2), recurrent_kernel=tensor(2), bias=tensor(1),
      activation=_gate_type, recurrent_activation=_gate_type,
      result=one_of("sequence", "last", "hidden", "cell"),
      is_masked=a_flag, has_states=a_flag, zeroes_masked=a_flag)  # fmt: skip
def _of_lstm(x, *others, **given):
    return _recur(4, 2, x, others, **given)


@rule("gru", inputs=(1, 3), kernel=tensor(2), recurrent_kernel=tensor(2), bias=tensor(1),
      recurrent_bias=tensor(1), activation=_gate_type, recurrent_activation=_gate_type,
      result=one_of("sequence", "last", "hidden", "cell"), reset_after=a_flag,
      is_masked=a_flag, has_states=a_flag, zeroes_masked=a_flag)  # fmt: skip
def _of_gru(x, *others, reset_after, recurrent_bias=None, **given):
    columns = given["recurrent_kernel"].shape[1:]
    fit_exactly(x, columns, recurrent_bias)
    need(recurrent_bias is None or given.get("bias") is not None, "it has one bias of two")
    return _recur(3, 1, x, others, **given)


def _recur(
    gates, count, x, others, kernel, recurrent_kernel, activation, result, is_masked, has_states,
    zeroes_masked, recurrent_activation=None, bias=None,
):  # fmt: skip
    """What a recurrent kernel with so many gates and states gives."""
    units, columns = recurrent_kernel.shape
    fine = columns == gates * units == kernel.shape[1] and units and len(x.shape) == 2
    need(fine and x.shape[1] == kernel.shape[0], "its kernels do not fit")
    fit_exactly(x, (columns,), bias)
    steps = x.shape[0]
    kind = numbers_of(x, kernel, recurrent_kernel, *others)
    work = (kernel.shape[0] + units) * columns * MADD * 2 + 4 * EXP * columns
    return _along_time(
        x, others, (steps, units), kind, count, result, is_masked, has_states,
        work, columns, kernel.nbytes + recurrent_kernel.nbytes, 20 * CALL,
    )  # fmt: skip


@rule("conv_lstm", inputs=(1, 4), recurrent_kernel=tensor(3, 4, 5), activation=_gate_type,
      recurrent_activation=_gate_type, result=one_of("sequence", "last", "hidden", "cell"),
      is_masked=a_flag, has_states=a_flag, zeroes_masked=a_flag)  # fmt: skip
def _of_conv_lstm(
    x, *others, recurrent_kernel, activation, recurrent_activation, result, is_masked, has_states,
    zeroes_masked,
):  # fmt: skip
    *size, filters, columns = recurrent_kernel.shape
    fine = columns == 4 * filters and filters and len(x.shape) == len(size) + 2
    need(fine and x.shape[-1] == columns and all(size), "its kernel does not fit")
    ones = (1,) * len(size)
    _, counts = _padded(x.shape[1:-1], size, ones, ones, "same")
    need(tuple(counts) == x.shape[1:-1], "its kernel does not fit")
    positions = math.prod(counts)
    patches = positions * math.prod(size) * filters
    work = patches * columns * 2 * MADD + 4 * TOUCH * patches + 4 * EXP * positions * columns
    return _along_time(
        x, others, (x.shape[0], *counts, filters), numbers_of(x, recurrent_kernel, *others), 2,
        result, is_masked, has_states, work, positions * columns, recurrent_kernel.nbytes,
        30 * CALL, patches,
    )  # fmt: skip


def _along_time(
    x, others, shape, kind, states, result, is_masked, has_states, work, columns, copies, calls,
    patches=0,
):  # fmt: skip
    """What a recurrence gives: shape is that of a whole sequence, work the time of a step."""
    steps, *state = shape
    need(result != "cell" or states == 2, "it has no such state")
    need(len(others) == is_masked + has_states * states, "it does not take so many inputs")
    others = list(others)
    rows = rows_of((x, *others))
    if is_masked:
        need(others.pop(0).shape == (steps,), "its mask does not fit")
    need(all(other.shape == tuple(state) for other in others), "its states do not fit")
    made = Value(shape if result == "sequence" else state, kind, rows)
    # Between two looks go as many rows as a block has through as many steps as are projected.
    block = min(512, max(1, BLOCK_NUMBERS // columns)) if len(state) > 1 else 512
    block_steps = min(steps, LOOK_STEPS, max(1, BLOCK_NUMBERS // (block * columns)))
    row_steps = min(steps, LOOK_STEPS)
    piece = max((block * work + calls) * block_steps, (work + calls) * row_steps)
    numbers = 6 * columns + 2 * min(steps, max(1, BLOCK_NUMBERS // columns)) * columns + 2 * patches
    work = rows * steps * (work + calls)
    return made.like(work=work, is_cut=True, piece=piece, copies=copies, scratch=8 * numbers)
