"""Multi-layer perceptrons: products and activations, layer after layer."""

from __future__ import annotations

from exporter.formats.sklearn.arrays import as_list
from exporter.formats.sklearn.lowering.answering import both
from exporter.formats.sklearn.lowering.builder import Block, Value, constants
from exporter.formats.sklearn.lowering.context import (
    AGAIN,
    Answers,
    Context,
    Estimator,
    fitting,
)
from exporter.ir.ops import Activation, Dense, Softmax, Unary

FUNCTIONS = {"logistic": "sigmoid", "tanh": "tanh", "relu": "relu"}
ACTIVATIONS = ("identity", *FUNCTIONS)
OUTPUTS = ("identity", "logistic", "softmax", "exp")


def forward(context: Context, block: Block) -> tuple[Value, str]:
    """The last layer's result and the name of the function that made it."""
    hidden = context.choice(ACTIVATIONS, "activation")
    last = context.fitted("out_activation_")
    if last not in OUTPUTS:
        context.refuse(f"its out_activation_ is {str(last)[:40]!r}", AGAIN)
    kernels = as_list(context.fitted("coefs_")) or []
    biases = as_list(context.fitted("intercepts_")) or []
    if not kernels or len(kernels) != len(biases):
        context.refuse(f"it has {len(kernels)} coefs_ and {len(biases)} intercepts_", AGAIN)
    value = context.numbers(block)
    for place, (coefs, intercepts) in enumerate(zip(kernels, biases, strict=True)):
        kernel = context.numbers_of(coefs, f"coefs_[{place}]", None, None)
        bias = context.numbers_of(intercepts, f"intercepts_[{place}]", kernel.shape[1])
        context.builder.parameters += kernel.size + bias.size
        value = context.add(Dense(constants(kernel), constants(bias)), value)
        is_last = place == len(kernels) - 1
        value = _activate(context, value, last if is_last else hidden)
    return value, last


def _activate(context: Context, value: Value, name: str) -> Value:
    if name == "identity":
        return value
    if name == "softmax":
        return context.add(Softmax(0), value)
    if name == "exp":
        return context.add(Unary("exp"), value)
    return context.add(Activation(FUNCTIONS[name]), value)


def mlp_regressor(context: Context, block: Block) -> Answers:
    """What the last layer gives."""
    return Answers(prediction=forward(context, block)[0])


def mlp_classifier(context: Context, block: Block) -> Answers:
    """Sigmoid of one number for two classes, softmax of several."""
    value, last = forward(context, block)
    classes = context.labels("classes_")
    if last == "logistic" and value.width == 1 and len(classes) == 2:
        return Answers(probability=both(context, value), classes=classes)
    if last != "softmax" or value.width != len(classes):
        context.refuse("a row may have several of its labels", "Fit one classifier a label.")
    return Answers(probability=value, classes=classes)


IGNORED = fitting(
    "loss hidden_layer_sizes solver alpha batch_size learning_rate learning_rate_init"
    " power_t max_iter shuffle random_state tol verbose warm_start momentum"
    " nesterovs_momentum early_stopping validation_fraction beta_1 beta_2 epsilon"
    " n_iter_no_change max_fun algorithm"
)
OPS = ("Dense", "Activation", "Softmax", "Unary", "Affine", "Concatenate", "Decide")

ESTIMATORS = {
    "MLPClassifier": Estimator(mlp_classifier, OPS, ("activation",), IGNORED),
    "MLPRegressor": Estimator(mlp_regressor, OPS, ("activation",), IGNORED),
}
