"""Naive Bayes: the joint log likelihood of each class, and softmax of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from exporter.errors import counted
from exporter.formats.sklearn.arrays import as_list
from exporter.formats.sklearn.lowering.builder import Block, Value, constants
from exporter.formats.sklearn.lowering.context import (
    AGAIN,
    Answers,
    Context,
    Estimator,
    fitting,
)
from exporter.ir.ops import (
    Add,
    Affine,
    Compare,
    Constant,
    Decide,
    Dense,
    Embedding,
    Multiply,
    Reduce,
    Repeat,
    Reshape,
    Select,
    Softmax,
    Standardize,
    Tensor,
    Ufunc,
)


def answer(context: Context, likelihood: Value, classes: Sequence[object]) -> Answers:
    """Probabilities of joint log likelihoods; the largest of these decides, as predict does."""
    if likelihood.width != len(classes):
        context.refuse(
            f"it has {counted(likelihood.width, 'likelihood')}, {counted(len(classes), 'class')}",
            AGAIN,
        )
    probability = context.add(Softmax(0), likelihood)
    choice = context.add(Decide(), likelihood)
    return Answers(probability=probability, choice=choice, classes=tuple(classes))


def squared_distances(context: Context, x: Value, centers: Tensor, scales: Tensor) -> Value:
    """The sum over columns of ((x - center) / scale)^2, for each row of centers."""
    count, width = centers.shape
    row = context.add(Reshape((1, width)), x)
    rows = row if count == 1 else context.add(Repeat(count, 0), row)
    each = context.add(Standardize(constants(centers), constants(scales)), rows)
    return context.add(Reduce("sum", (1,)), context.add(Multiply(), each, each))


def _distances_by_variance(context: Context, x: Value, centers: Tensor, variances: Tensor) -> Value:
    """The sum over columns of (x - center)^2 / variance, rounded as scikit-learn rounds it: of a
    column that had one value only, the variance is next to nothing, and the sum so large that its
    last digits decide."""
    count, width = centers.shape
    row = context.add(Reshape((1, width)), x)
    rows = row if count == 1 else context.add(Repeat(count, 0), row)
    each = context.add(Standardize(constants(centers), constants(np.ones_like(centers))), rows)
    squares = context.add(Multiply(), each, each)
    zeros = constants(np.zeros_like(centers))
    return context.add(
        Reduce("sum", (1,)), context.add(Standardize(zeros, constants(variances)), squares)
    )


def gaussian(context: Context, block: Block) -> Answers:
    """log prior - sum(log(2 pi var)) / 2 - sum((x - theta)^2 / var) / 2."""
    theta = context.array("theta_", None, None)
    variance = context.array("var_", *theta.shape)
    prior = context.array("class_prior_", theta.shape[0])
    x = context.numbers(block, theta.shape[1])
    context.builder.parameters += 2 * theta.size + prior.size
    distances = _distances_by_variance(context, x, theta, variance)
    known = -0.5 * np.log(2.0 * np.pi * variance).sum(axis=1)
    likelihood = context.add(
        Affine(constants(np.full(len(prior), -0.5)), constants(known)), distances
    )
    ones = constants(np.ones(len(prior)))
    joint = context.add(Affine(ones, constants(np.log(prior))), likelihood)
    return answer(context, joint, context.labels("classes_"))


def multinomial(context: Context, block: Block) -> Answers:
    """X @ feature_log_prob_.T + class_log_prior_."""
    log_prob, prior = _log_probabilities(context)
    return _product(context, context.numbers(block, log_prob.shape[1]), log_prob, prior)


def complement(context: Context, block: Block) -> Answers:
    """The same; the prior counts only where there is one class."""
    log_prob, prior = _log_probabilities(context)
    bias = prior if len(prior) == 1 else np.zeros(len(prior))
    return _product(context, context.numbers(block, log_prob.shape[1]), log_prob, bias)


def bernoulli(context: Context, block: Block) -> Answers:
    """Columns that are above binarize count with log p, the others with log(1 - p)."""
    log_prob, prior = _log_probabilities(context)
    limit = context.param("binarize")
    x = context.numbers(block, log_prob.shape[1])
    if limit is not None:
        edge = context.add(Constant(constants(np.full(x.width, context.number("binarize")))))
        x = context.add(Compare("greater"), x, edge)
    absent = np.log(1 - np.exp(log_prob))
    return _product(context, x, log_prob - absent, prior + absent.sum(axis=1))


def categorical(context: Context, block: Block) -> Answers:
    """The log probability of each column's category, a number without its fraction, and the
    prior."""
    prior = context.array("class_log_prior_", None)
    tables = as_list(context.fitted("feature_log_prob_")) or []
    x = context.add(Ufunc("trunc"), context.numbers(block, len(tables)))
    parts = []
    for place, found in enumerate(tables):
        table = context.numbers_of(found, f"feature_log_prob_[{place}]", len(prior), None)
        context.builder.parameters += table.size
        column = context.add(Select((place,)), x)
        looked_up = context.add(Embedding(constants(table.T)), column)
        parts.append(context.add(Reshape((len(prior),)), looked_up))
    total = parts[0] if len(parts) == 1 else context.add(Add(), *parts)
    likelihood = context.add(Affine(constants(np.ones(len(prior))), prior), total)
    return answer(context, likelihood, context.labels("classes_"))


def _log_probabilities(context: Context) -> tuple[Tensor, Tensor]:
    """feature_log_prob_ (classes, columns) and class_log_prior_ (classes,)."""
    log_prob = context.array("feature_log_prob_", None, None)
    return log_prob, context.array("class_log_prior_", log_prob.shape[0])


def _product(context: Context, x: Value, log_prob: object, bias: object) -> Answers:
    kernel, offset = constants(log_prob), constants(bias)
    context.builder.parameters += kernel.size + offset.size
    likelihood = context.add(Dense(constants(kernel.T), offset), x)
    return answer(context, likelihood, context.labels("classes_"))


IGNORED = fitting(
    "priors var_smoothing alpha force_alpha fit_prior class_prior norm min_categories"
)
OPS = ("Dense", "Softmax", "Decide")

ESTIMATORS = {
    "GaussianNB": Estimator(
        gaussian,
        ("Reshape", "Repeat", "Standardize", "Multiply", "Reduce", "Affine", "Softmax", "Decide"),
        (),
        IGNORED,
    ),
    "MultinomialNB": Estimator(multinomial, OPS, (), IGNORED),
    "ComplementNB": Estimator(complement, OPS, (), IGNORED),
    "BernoulliNB": Estimator(bernoulli, ("Constant", "Compare", *OPS), ("binarize",), IGNORED),
    "CategoricalNB": Estimator(
        categorical,
        ("Ufunc", "Select", "Embedding", "Reshape", "Add", "Affine", "Softmax", "Decide"),
        (),
        IGNORED,
    ),
}
