"""Estimators of scikit-learn that hold other ones, against the library.

A case is a line of data: the estimator as its class prints it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

sklearn = pytest.importorskip("sklearn")

from sklearn_fits import build, check, columns, fit  # noqa: E402

pytestmark = pytest.mark.framework

BASES = (
    "[('a', LogisticRegression()), ('b', GaussianNB()), ('c', DecisionTreeClassifier(max_depth=3))]"
)
REGRESSORS_INSIDE = "[('a', Ridge()), ('b', DecisionTreeRegressor(max_depth=3)), ('c', Lasso(0.1))]"
REGRESSORS = (
    f"VotingRegressor({REGRESSORS_INSIDE})",
    f"VotingRegressor({REGRESSORS_INSIDE}, weights=[1, 2.5, 0.3])",
    f"VotingRegressor([*{REGRESSORS_INSIDE}, ('d', 'drop')], weights=[1, 2.5, 0.3, 7])",
    f"StackingRegressor({REGRESSORS_INSIDE})",
    f"StackingRegressor({REGRESSORS_INSIDE}, passthrough=True)",
    "BaggingRegressor(Ridge(), n_estimators=4, max_features=0.6)",
    "BaggingRegressor(n_estimators=4, max_features=0.6)",
    "GridSearchCV(Ridge(), {'alpha': [0.1, 1]})",
    "RandomizedSearchCV(Ridge(), {'alpha': [0.1, 1]}, n_iter=1)",
    "DummyRegressor()",
    "DummyRegressor(strategy='median')",
    "TransformedTargetRegressor(Ridge(), func=np.log1p, inverse_func=np.expm1)",
    "TransformedTargetRegressor(Ridge())",
    "TransformedTargetRegressor(Ridge(), transformer=StandardScaler())",
    "TransformedTargetRegressor(Ridge(), transformer=MinMaxScaler(clip=True))",
    "TransformedTargetRegressor(Ridge(), transformer=MaxAbsScaler())",
    "TransformedTargetRegressor(Ridge(), transformer=RobustScaler())",
    "TransformedTargetRegressor(Ridge(), transformer=QuantileTransformer(n_quantiles=50))",
    "TransformedTargetRegressor(Ridge(), transformer=QuantileTransformer(n_quantiles=50,"
    " output_distribution='normal'))",
    "AdaBoostRegressor(n_estimators=9, random_state=0)",
    "AdaBoostRegressor(Ridge(), n_estimators=5, random_state=0)",
    "TransformedTargetRegressor(Ridge(100), transformer=Pipeline([('a', MaxAbsScaler()),"
    " ('b', StandardScaler())]))",
)
CLASSIFIERS = (
    f"VotingClassifier({BASES}, voting='soft')",
    f"VotingClassifier({BASES}, voting='soft', weights=[1, 2.5, 0.3])",
    f"VotingClassifier([('x', 'drop'), *{BASES}], voting='soft', weights=[9, 1, 2.5, 0.3])",
    f"StackingClassifier({BASES})",
    f"StackingClassifier({BASES}, passthrough=True, stack_method='predict')",
    f"StackingClassifier({BASES}, LinearSVC())",
    "StackingClassifier([('a', LinearSVC()), ('b', Perceptron())])",
    "BaggingClassifier(LogisticRegression(), n_estimators=3, max_features=0.6)",
    "BaggingClassifier(LinearSVC(), n_estimators=3)",
    "BaggingClassifier(n_estimators=3)",
    "CalibratedClassifierCV(LinearSVC(), cv=3)",
    "CalibratedClassifierCV(LinearSVC(), cv=3, ensemble=False)",
    "CalibratedClassifierCV(LinearSVC(), method='isotonic', cv=3)",
    "CalibratedClassifierCV(GaussianNB(), cv=3)",
    "CalibratedClassifierCV(GaussianNB(), method='isotonic', cv=3)",
    "CalibratedClassifierCV(DecisionTreeClassifier(max_depth=3), method='isotonic', cv=3)",
    "CalibratedClassifierCV(LogisticRegression(), method='temperature', cv=3)",
    "CalibratedClassifierCV(GaussianNB(), method='temperature', cv=3)",
    "OneVsRestClassifier(LogisticRegression())",
    "OneVsRestClassifier(LinearSVC())",
    "OneVsRestClassifier(DecisionTreeClassifier(max_depth=2))",
    "AdaBoostClassifier(LogisticRegression(), n_estimators=5, random_state=0)",
    "OneVsOneClassifier(LogisticRegression())",
    "OneVsOneClassifier(DecisionTreeClassifier(max_depth=2))",
    "OneVsOneClassifier(Perceptron())",
    "GridSearchCV(Pipeline([('s', StandardScaler()), ('m', LogisticRegression())]),"
    " {'m__C': [0.1, 1]})",
    "DummyClassifier()",
    "DummyClassifier(strategy='most_frequent')",
    "DummyClassifier(strategy='constant', constant='no')",
)
BINARY = (
    "FixedThresholdClassifier(LogisticRegression(), threshold=0.3)",
    "FixedThresholdClassifier(LogisticRegression(), threshold=0.3, pos_label='no')",
    "FixedThresholdClassifier(LogisticRegression(), response_method='decision_function')",
    "FixedThresholdClassifier(LinearSVC(), threshold=0.1)",
    "FixedThresholdClassifier(LinearSVC(), threshold=0.1, pos_label='no')",
    "FixedThresholdClassifier(DecisionTreeClassifier(max_depth=2))",
    "TunedThresholdClassifierCV(LogisticRegression(), cv=3, thresholds=15)",
    "TunedThresholdClassifierCV(LinearSVC(), scoring='accuracy', cv=3, thresholds=15)",
)
HARD_VOTING = (
    f"VotingClassifier({BASES})",
    f"VotingClassifier({BASES}, weights=[1, 2.5, 1.5])",
    f"VotingClassifier({BASES}, weights=[1, 2, 3])",
)
SEVERAL_TARGETS = (
    "MultiOutputRegressor(Ridge())",
    "RegressorChain(Ridge())",
    "RegressorChain(Ridge(), order=[2, 0, 1])",
    "TransformedTargetRegressor(Ridge(), transformer=StandardScaler())",
)
LABELS = (
    "OneVsRestClassifier(LogisticRegression())",
    "OneVsRestClassifier(LinearSVC())",
    "MultiOutputClassifier(LogisticRegression())",
    "MultiOutputClassifier(LinearSVC())",
    "DecisionTreeClassifier(max_depth=4)",
    "ExtraTreesClassifier(5, max_depth=6)",
    "RandomForestClassifier(5, max_depth=6)",
    "ClassifierChain(LogisticRegression(), order=[2, 0, 1])",
    "ClassifierChain(LogisticRegression(), chain_method='predict_proba')",
    "ClassifierChain(LinearSVC(), chain_method='decision_function')",
)
ISOTONIC = (
    "IsotonicRegression()",
    "IsotonicRegression(out_of_bounds='clip')",
    "IsotonicRegression(increasing=False, y_max=1, out_of_bounds='clip')",
)


@pytest.mark.parametrize("model", REGRESSORS)
def test_a_regressor_predicts_what_it_predicts_in_scikit_learn(model: str) -> None:
    check(fit(model))


@pytest.mark.parametrize("method", ["yeo-johnson", "box-cox"])
def test_the_target_went_through_a_power(method: str) -> None:
    """Rows nearby: a prediction far away has no number before the transform."""
    model = fit(f"TransformedTargetRegressor(Ridge(), transformer=PowerTransformer('{method}'))")
    check(model, np.random.default_rng(1).standard_normal((10_000, 5)) / 4)


@pytest.mark.parametrize("model", SEVERAL_TARGETS)
def test_several_targets_are_an_array(model: str) -> None:
    check(fit(model, targets=3))


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("model", CLASSIFIERS)
def test_a_classifier_has_the_answers_of_scikit_learn(model: str, classes: int) -> None:
    check(fit(model, classes))


def votes(model: Any, rows: np.ndarray) -> np.ndarray:
    """For each class, the weights of those that predict it."""
    each = np.stack([item.predict(rows) for item in model.estimators_], axis=1)
    weights = model.weights or [1] * each.shape[1]
    count = len(model.classes_)
    return np.array([np.bincount(row, weights, minlength=count) for row in each])


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("model", HARD_VOTING)
def test_hard_voting_counts_votes(model: str, classes: int) -> None:
    check(fit(model, classes), answer=votes)


@pytest.mark.parametrize("model", BINARY)
def test_what_only_two_classes_have(model: str) -> None:
    check(fit(model, 2))


@pytest.mark.parametrize("scoring", ["f1", "accuracy", "jaccard"])
@pytest.mark.parametrize("first", [0, 1])
def test_the_metric_tells_which_class_is_the_positive_one(scoring: str, first: int) -> None:
    """The classes 0 and 1, and 1 and 2: 1 is the positive one of both for f1."""
    x = columns()
    given = f"scoring='{scoring}', cv=3, thresholds=15"  # 100 take seconds
    model = build(f"TunedThresholdClassifierCV(LogisticRegression(), {given})")
    check(model.fit(x, (x[:, 0] > 0.3) + first))


@pytest.mark.parametrize("loss", ["log_loss", "exponential"])
def test_a_sum_of_zero_is_the_second_class(loss: str) -> None:
    """Trees that part nothing, from zero on."""
    text = f"GradientBoostingClassifier(loss='{loss}', init='zero', n_estimators=1)"
    model = build(text).fit(np.zeros((4, 2)), [0, 1, 0, 1])
    assert (model.decision_function(np.zeros((1, 2))), model.predict(np.zeros((1, 2)))) == (0, 1)
    check(model, np.zeros((10, 2)))


def test_self_training_answers_as_the_estimator_inside() -> None:
    x = columns()
    y = np.where(np.arange(len(x)) % 3, x[:, 0] > 0, -1)
    check(build("SelfTrainingClassifier(LogisticRegression())").fit(x, y))


def minus_distances(model: Any, rows: np.ndarray) -> np.ndarray:
    """From the code of each class."""
    decides = hasattr(model.estimators_[0], "decision_function")
    each = [
        item.decision_function(rows) if decides else item.predict_proba(rows)[:, 1]
        for item in model.estimators_
    ]
    found = np.stack([np.ravel(answer) for answer in each], axis=1)
    return -np.sqrt(((found[:, None] - model.code_book_) ** 2).sum(axis=2))


@pytest.mark.parametrize("inside", ["LogisticRegression()", "DecisionTreeClassifier(max_depth=2)"])
@pytest.mark.parametrize("classes", [2, 3])
def test_output_codes_are_scored_by_their_distances(inside: str, classes: int) -> None:
    rows = np.random.default_rng(1).standard_normal((10_000, 5))
    model = fit(f"OutputCodeClassifier({inside}, code_size=3, random_state=0)", classes)
    check(model, rows, answer=minus_distances)


def second_probabilities(model: Any, rows: np.ndarray) -> np.ndarray:
    """Of each label the probability, or the decision, or what is predicted."""
    if hasattr(model, "predict_proba"):
        found = model.predict_proba(rows)
        if isinstance(found, list):
            return np.stack([item[:, 1] for item in found], axis=1)
        return np.asarray(found)
    if hasattr(model, "decision_function"):
        return np.asarray(model.decision_function(rows))
    return np.asarray(model.predict(rows))


@pytest.mark.parametrize("model", LABELS)
def test_several_labels_are_an_array(model: str) -> None:
    x = columns()
    y = (x[:, :3] + 0.3 * x[:, 2:] > 0).astype(int)
    check(build(model).fit(x, y), answer=second_probabilities)


@pytest.mark.parametrize(
    "model", ["DecisionTreeClassifier(max_depth=5)", "RandomForestClassifier(4)"]
)
def test_targets_of_one_two_and_three_classes(model: str) -> None:
    def answer(fitted: Any, rows: np.ndarray) -> np.ndarray:
        one, two, three = fitted.predict_proba(rows)
        return np.concatenate([one, two[:, 1:], three], axis=1)

    x = columns()
    y = np.stack([np.ones(len(x)), x[:, 0] > 0, np.digitize(x[:, 1] + x[:, 2], [-0.5, 0.5])], 1)
    check(build(model).fit(x, y), answer=answer)


@pytest.mark.parametrize("model", ISOTONIC)
def test_isotonic_regression(model: str) -> None:
    x = np.sort(np.random.default_rng(5).standard_normal(300)).round(1)
    fitted = build(model).fit(x, np.random.default_rng(6).standard_normal(300) + x)
    edges = np.concatenate([x, np.nextafter(x, 9), np.nextafter(x, -9), 3 * x])
    check(fitted, edges[:, None], answer=lambda m, rows: m.predict(rows[:, 0]))
