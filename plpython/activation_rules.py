"""The rules of activations."""

from plpython.activations import ACTIVATIONS
from plpython.data import a_number, one_of
from plpython.values import ANY, AXIS, EXP, _function_cost, along, fit, need, numbers_of, rule


def _options(value):
    """The type of an activation's options: its own, by name."""
    is_dict = type(value) is dict and all(type(key) is str for key in value)
    fine = is_dict and all(type(item) is bool or not a_number(item) for item in value.values())
    return None if fine else "an object of numbers"


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


@rule("activation", function=one_of(*ACTIVATIONS), parameters=_options)
def _of_activation(x, function, parameters):
    wanted = _check_function(function, list(parameters))
    need(wanted is None, f"it should be {wanted}")
    kind = numbers_of(x)
    work, scratch = _function_cost(function, kind, x.size), 4 * x.bytes
    return x.like(kind=kind, work=work, scratch=scratch)


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
