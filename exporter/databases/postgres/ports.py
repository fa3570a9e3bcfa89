"""Inputs and outputs of a model in SQL: their types, and where their samples are stored."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

from exporter.errors import list_names
from exporter.ir.graph import Port, count_numbers, format_shape
from exporter.sql.text import Sql, ident, number

AUTOMATIC = re.compile(
    r"(input_layer|input|(?:dense|embedding|flatten|masking|reshape|normalization|rescaling|lstm|gru"
    r"|simple_rnn|bidirectional|conv[123]d|batch_normalization)(?=(?:_\d+)?_input$))"
    r"(?:_(\d+))?((?:_input)?)"
)
"""Names that Keras gives inputs by itself: what is counted, the number, what follows it."""


COUNTED_OUTPUT = re.compile(
    r"(dense|activation|softmax|(leaky_)?re_lu|elu|lambda|add|subtract|multiply|average|maximum"
    r"|minimum|concatenate|dot|reshape|flatten|permute|dropout|lstm|gru|simple_rnn|bidirectional"
    r"|time_distributed|batch_normalization|layer_normalization|normalization|rescaling|embedding"
    r"|(global_)?(average|max)_pooling[123]d|conv[123]d|functional|model|sequential)(_\d+)?"
)
"""Names that Keras gives layers by itself, and outputs with them."""


def say_counted(outputs: Sequence[Port]) -> str:
    """That columns of a score of several outputs have names that change when a network is trained
    again, in words; nothing where they have not."""
    names = [port.name for port in outputs if COUNTED_OUTPUT.fullmatch(port.name)]
    if len(outputs) < 2 or not names:
        return ""
    return (
        f"Keras counted the outputs {list_names(names, 5)}: a network trained again may give scores"
        " of other columns, and views on them cannot stay then. Name their layers, as in"
        " Dense(1, name='price')."
    )


def parameter(place: int) -> Sql:
    """A parameter of a function by its place, from 1."""
    return Sql("${}").format(number(place))


def element_type(port: Port) -> Sql:
    """The type of one element of an input: a number or a text."""
    return Sql("text") if port.is_text else number_type(port)


def number_type(port: Port) -> Sql:
    """The SQL type of one number of an input or output."""
    return Sql("double precision") if port.dtype == "float64" else Sql("real")


def sql_type(port: Port) -> Sql:
    """The type of an output: a number, or an array of them."""
    form = Sql("{}") if count_numbers(port.shape) == 1 else Sql("{}[]")
    return form.format(number_type(port))


def stored_column(port: Port) -> Sql:
    """The column of the registry's samples: numbers are real, others are written out as texts."""
    if port.dtype == "float64":
        return Sql("texts::double precision[]")
    return Sql("texts") if port.is_text else Sql("numbers")


def describe_ports(ports: Sequence[Port]) -> str:
    """Names and shapes, for people."""
    return ", ".join(f"{port.name} ({format_shape(port.shape)})" for port in ports)


def score_type(outputs: Sequence[Port], model: str) -> Sql:
    """What score returns: the only output, or a type of the model with all of them."""
    if len(outputs) == 1:
        return sql_type(outputs[0])
    return Sql("{}.{}").format(ident(model), ident(outputs_name(outputs)))


def outputs_name(outputs: Sequence[Port]) -> str:
    """The name of the type with all outputs; others have another name."""
    text = repr([(port.name, str(sql_type(port))) for port in outputs])
    return "outputs_" + hashlib.sha256(text.encode()).hexdigest()[:8]


def numbers_type(outputs: Sequence[Port]) -> Sql:
    """The type in which expected and actual numbers are compared and shown."""
    is_double = any(port.dtype == "float64" for port in outputs)
    return Sql("double precision[]") if is_double else Sql("real[]")


def argument_names(names: Sequence[str]) -> list[str]:
    """The names of a model's inputs as arguments. Keras counts the inputs of a session that were
    given none, so that the same network trained again would have functions of other arguments, and
    no view on them could stay: those are counted from the beginning, in Keras's own order.

    Source: keras.src.utils.naming.auto_name: input_layer, input_layer_1; Keras 2: input_1, and
    dense_1_input of a Sequential model.
    """
    counted = [(AUTOMATIC.fullmatch(name), name) for name in names]
    kinds: dict[tuple[str, str], list[int]] = {}
    for found, _ in counted:
        if found:
            kinds.setdefault((found[1], found[3]), []).append(int(found[2] or 0))
    plain = []
    for found, name in counted:
        if found:
            rank = sorted(kinds[found[1], found[3]]).index(int(found[2] or 0))
            number = rank + (found[1] == "input")
            name = f"{found[1]}_{number}{found[3]}" if number else f"{found[1]}{found[3]}"
        plain.append(name)
    return plain if len(set(plain)) == len(plain) else list(names)


def argument_pattern(ports: Sequence[Port], types: Sequence[Sql]) -> str:
    """A regular expression of the inputs as parameters of these types, whatever Keras counted;
    nothing where it counted none. Functions that are there keep such names: PostgreSQL gives no
    others to one that a view needs.

    Where several inputs are counted alike, what each is depends on their order: then the model's
    own names, which programs before this one gave, are the only others.
    """
    names = [port.name for port in ports]
    found = [AUTOMATIC.fullmatch(name) for name in names]
    kinds = [(match[1], match[3]) for match in found if match]
    if not kinds:
        return ""
    forms = [[re.escape(name) for name in form] for form in (argument_names(names), names)]
    if len(set(kinds)) == len(kinds):
        counted = [f"{match[1]}(_[0-9]+)?{match[3]}" if match else "" for match in found]
        forms = [[one or own for one, own in zip(counted, forms[1], strict=True)]]
    return "|".join(
        ", ".join(f'"?{name}"? {re.escape(kind)}' for name, kind in zip(form, types, strict=True))
        for form in forms
    )
