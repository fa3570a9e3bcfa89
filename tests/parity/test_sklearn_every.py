"""Every public class of scikit-learn is lowered, and has a case in the tests, or is refused.

Here are the cases of what transforms behind a product, and of classes that predict at the end of a
pipeline and transform before it.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("sklearn")
pd = pytest.importorskip("pandas")

from estimators import lower  # noqa: E402
from sklearn import model_selection  # noqa: E402
from sklearn.experimental import enable_halving_search_cv  # noqa: E402, F401
from sklearn.pipeline import Pipeline  # noqa: E402
from sklearn_fits import build, check, columns, fit, kinds  # noqa: E402
from sklearn_scores import check as check_table  # noqa: E402

from exporter.errors import UnsupportedError  # noqa: E402
from exporter.formats.sklearn.inert import Record  # noqa: E402
from exporter.formats.sklearn.lowering import ESTIMATORS, refused, trees  # noqa: E402
from exporter.formats.sklearn.lowering import lower as lower_record  # noqa: E402
from exporter.formats.sklearn.lowering.builder import Builder  # noqa: E402
from exporter.formats.sklearn.lowering.versions import RENAMED  # noqa: E402

pytestmark = pytest.mark.framework

IMPUTERS = {"IterativeImputer", "KNNImputer"}
LABELS = {"LabelBinarizer", "LabelEncoder", "MultiLabelBinarizer"}
GONE = {"Imputer", "RandomizedPCA"}  # of old versions: benchmarks/pipelines.py has them
TRANSFORMERS = (
    "BernoulliRBM(3, n_iter=2, random_state=0)",
    "FactorAnalysis(2)",
    "FactorAnalysis(2, rotation='varimax')",
    "FastICA(3, random_state=0)",
    "FastICA(3, whiten='arbitrary-variance', random_state=0)",
    "FastICA(whiten=False, max_iter=9, random_state=0)",
    "FeatureAgglomeration(2)",
    "GaussianRandomProjection(3, random_state=0)",
    "KernelPCA(3, kernel='poly')",
    "KernelPCA(3, kernel='rbf', gamma=0.3)",
    "KernelPCA(3, kernel='sigmoid', gamma=0.05, coef0=0.3)",
    "KernelPCA(2)",
    "MiniBatchSparsePCA(2, max_iter=9, random_state=0)",
    "NeighborhoodComponentsAnalysis(2, max_iter=9, random_state=0)",
    "Nystroem(n_components=9, random_state=0)",
    "Nystroem('poly', n_components=9, random_state=0)",
    "Nystroem('sigmoid', gamma=0.1, coef0=0.3, n_components=9, random_state=0)",
    "PLSSVD(1)",
    "RandomTreesEmbedding(5, max_depth=3, random_state=0)",
    "RandomTreesEmbedding(5, max_depth=3, sparse_output=False, random_state=0)",
    "RBFSampler(n_components=9, random_state=0)",
    "SkewedChi2Sampler(n_components=9, skewedness=9, random_state=0)",
    "SparsePCA(2, random_state=0)",
    "SparseRandomProjection(3, random_state=0)",
)
INSIDE = "[('a', LogisticRegression()), ('b', GaussianNB())]"
NUMBERS_INSIDE = "[('a', Ridge()), ('b', Lasso(0.1))]"
BEFORE_ANOTHER = (
    "BisectingKMeans(3)",
    "Birch(threshold=1.5)",
    "GridSearchCV(KMeans(), {'n_clusters': [2, 3]})",
    "KMeans(3, random_state=0)",
    "LinearDiscriminantAnalysis()",
    "LinearDiscriminantAnalysis(solver='eigen', n_components=1)",
    "MiniBatchKMeans(3, random_state=0)",
    "RFE(Ridge(), n_features_to_select=2)",
    f"StackingClassifier({INSIDE})",
    f"StackingRegressor({NUMBERS_INSIDE}, passthrough=True)",
    f"VotingClassifier({INSIDE})",
    f"VotingClassifier({INSIDE}, voting='soft')",
    f"VotingRegressor({NUMBERS_INSIDE})",
)


def named(rows: np.ndarray) -> Any:
    """Rows as a table."""
    return pd.DataFrame(rows, columns=[f"x{place}" for place in range(rows.shape[1])])


def fit_quietly(model: Any, x: np.ndarray) -> Any:
    """Fitted on three classes as numbers; what scikit-learn warns of is its own."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return model.fit(x, np.digitize(x[:, 0] + x[:, 1], [-0.7, 0.7]))


def nearby() -> np.ndarray:
    """Rows as those that it was fitted on, and zeros."""
    return np.concatenate([np.random.default_rng(1).standard_normal((999, 5)), np.zeros((1, 5))])


@pytest.mark.parametrize("text", TRANSFORMERS)
def test_a_transformer_gives_what_it_gives_in_scikit_learn(text: str) -> None:
    check_table(fit_quietly(build(text), columns()), named(nearby()))


@pytest.mark.parametrize("text", BEFORE_ANOTHER)
def test_what_predicts_transforms_before_another_step(text: str) -> None:
    steps = f"Pipeline([('first', {text}), ('last', StandardScaler())])"
    check_table(fit_quietly(build(steps), columns()), named(nearby()))


@pytest.mark.parametrize("text", ["CCA(1)", "PLSRegression()"])
def test_what_transforms_the_target_too_is_fitted_by_itself(text: str) -> None:
    first = build(text).fit(columns(), columns()[:, :2])
    last = build("StandardScaler()").fit(first.transform(columns()))
    check_table(Pipeline([("first", first), ("last", last)]), named(nearby()))


def test_isotonic_regression_is_a_column_before_another_step() -> None:
    text = "Pipeline([('i', IsotonicRegression(out_of_bounds='clip')), ('s', StandardScaler())])"
    model = build(text.replace("StandardScaler()", "'passthrough'"))
    x = columns()[:, 0]
    fitted = model.fit(x, x**3)
    rows = np.linspace(-3, 3, 99)
    graph = lower(fitted)
    assert graph.passes_missing is not None  # it transforms
    check_table(fitted.named_steps["i"], named(rows[:, None]))


@pytest.mark.parametrize("outer", ["{}", "Pipeline([('s', StandardScaler()), ('e', {})])"])
def test_an_eliminator_at_the_end_predicts(outer: str) -> None:
    check(fit(outer.format("RFE(Perceptron())"), 3))


def test_what_only_predicts_is_refused_before_another_step() -> None:
    steps = [("first", fit("Ridge()")), ("last", fit("Ridge()"))]
    with pytest.raises(UnsupportedError) as caught:
        lower(Pipeline(steps))
    assert 'step "first" (Ridge): it predicts, and what follows it takes columns.' in str(
        caught.value
    )


@pytest.mark.parametrize(
    ("text", "classes"),
    [
        ("ExtraTreeClassifier(max_depth=3)", 3),
        ("ExtraTreeRegressor(max_depth=3)", 0),
        ("ExtraTreesClassifier(3, max_depth=3)", 3),
        ("ExtraTreesRegressor(3, max_depth=3)", 0),
        ("SGDOneClassSVM()", 0),
    ],
)
def test_a_predictor_answers_as_in_scikit_learn(text: str, classes: int) -> None:
    check(fit(text, classes), nearby())


@pytest.mark.parametrize("name", ["HalvingGridSearchCV", "HalvingRandomSearchCV"])
def test_a_search_by_halves_answers_as_its_best_estimator(name: str) -> None:
    search = getattr(model_selection, name)
    settings = {"alpha": [0.1, 1]}
    check(fit_quietly(search(build("Ridge()"), settings), columns()), nearby())


def test_what_is_frozen_answers_as_it_did() -> None:
    frozen = kinds().get("FrozenEstimator")
    if frozen is None:
        pytest.skip("this scikit-learn has no FrozenEstimator")
    check(frozen(fit("Ridge()")), nearby())


def cases() -> set[str]:
    """The names of classes in the tests."""
    texts = [p.read_text(encoding="utf-8") for p in Path(__file__).parents[1].rglob("*.py")]
    return {name for text in texts for name in re.findall(r"\b[A-Z]\w+", text)}


def test_every_public_class_is_lowered_and_has_a_case_or_is_refused() -> None:
    assert sorted(set(kinds()) - set(ESTIMATORS)) == []
    known = {name for name, entry in ESTIMATORS.items() if entry.library == "sklearn"}
    lowered = known - set(refused.REASONS) - IMPUTERS - LABELS - GONE
    assert sorted(lowered - cases()) == []


@pytest.mark.parametrize("name", sorted({*refused.REASONS, *RENAMED}))
def test_a_class_that_cannot_be_exported_is_refused_with_its_reason(name: str) -> None:
    today = RENAMED.get(name, name)
    if today not in refused.REASONS:
        assert today in ESTIMATORS
        return
    reason, advice, _ = refused.REASONS[today]
    builder = Builder((1, 0))
    assert lower_record(Record("sklearn.any", name, state={}), None, "", builder) is None
    assert [(p.class_name, p.reason, p.advice) for p in builder.problems] == [
        (name, reason, advice)
    ]


def test_lowered_trees_are_not_refused() -> None:
    assert not set(trees.ESTIMATORS) & set(refused.REASONS)


def old_imputer(**parameters: Any) -> Mapping[str, Any]:
    """The state of sklearn.preprocessing.Imputer of 0.19."""
    return {
        "missing_values": "NaN", "strategy": "mean", "axis": 0, "verbose": 0, "copy": True,
        "statistics_": np.array([1.5, np.nan, -2.0]), **parameters,
    }  # fmt: skip


def test_the_imputer_of_old_versions_imputes() -> None:
    builder = Builder((0, 19))
    record = Record("sklearn.preprocessing.imputation", "Imputer", state=dict(old_imputer()))
    block = lower_record(record, builder.add_columns(["a", "b", "c"]), "", builder)
    assert builder.problems == []
    assert block is not None
    assert block.width == 2  # a column that had no value is left out
    across = Record("sklearn.preprocessing.imputation", "Imputer", state=dict(old_imputer(axis=1)))
    assert lower_record(across, builder.add_columns(["d", "e", "f"]), "", builder) is None
    assert "its axis is 1" in builder.problems[0].reason
