"""Train a random forest and XGBoost beside the particles example's network; for maintainers.

Needs scikit-learn, xgboost, pandas and tensorflow, which nothing else in the example needs:

    python examples/particles-trees/train.py

../particles/train.py draws the collisions, and its network is taken as it is. Both models of trees
learn from the 3,000 collisions that the network has learnt from, but from the 14 features of the
whole collision alone; the 300 collisions drawn next are for testing all three.

forest.joblib: RandomForestClassifier, 14 columns to 3 probabilities.
xgboost.json: XGBoost, the same.
events.csv: event_id, the 14 features, truth. The first 60 are those of the particles example.
particles.csv: event_id, particle_no (1 has the most momentum), features (19), for the network.
expected.csv: event_id and the probabilities of each model in its own library, to 17 significant
digits of a float64 and 9 of a float32, which is what such numbers need to come back unchanged.
areas.csv: the area under the ROC curve of each model and class, of scikit-learn.
"""

from __future__ import annotations

import runpy
from pathlib import Path

import joblib
import keras
import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import roc_auc_score
from xgboost import XGBClassifier

HERE = Path(__file__).resolve().parent
PARTICLES = HERE.parent / "particles"
TEST_EVENTS = 300
FEATURES = [
    "jets_momentum",
    "missing_momentum",
    "missing_phi",
    "transverse_mass",
    "jets",
    "b_jets",
    "lepton_momentum",
    "lepton_eta",
    "lepton_phi",
    "isolation_charged",
    "isolation_photons",
    "isolation_neutral",
    "lepton_charge",
    "is_electron",
]
"""The names of the 14 features, in the order of the network's input."""


def main() -> None:
    """Train, save, and print the areas on the events the training did not see."""
    network = runpy.run_path(str(PARTICLES / "train.py"))
    labels, write_csv, write_array = (
        network[name] for name in ("LABELS", "write_csv", "write_array")
    )
    generator = np.random.default_rng(network["SEED"])
    training = [network["draw_event"](generator) for _ in range(network["TRAIN_EVENTS"])]
    testing = [network["draw_event"](generator) for _ in range(TEST_EVENTS)]
    rows, tests = (
        pd.DataFrame([features for *_, features in events], columns=FEATURES)
        for events in (training, testing)
    )
    classes = np.array([label for label, *_ in training])
    truth = np.array([labels[label] for label, *_ in testing])

    forest = RandomForestClassifier(50, max_depth=8, min_samples_leaf=3, random_state=1)
    forest.fit(rows, np.array(labels)[classes])
    joblib.dump(forest, HERE / "forest.joblib", compress=9)
    boosted = XGBClassifier(
        n_estimators=60, max_depth=3, learning_rate=0.15, random_state=1, n_jobs=1
    )
    boosted.fit(rows, classes)
    boosted.save_model(HERE / "xgboost.json")
    inclusive = keras.models.load_model(PARTICLES / "inclusive.keras")

    scores = {
        "forest": forest.predict_proba(tests),
        "xgboost": boosted.predict_proba(tests),
        "network": inclusive.predict(network["pad"](testing, network["STEPS"]), verbose=0),
    }
    areas = [
        [name, label, float(roc_auc_score(truth == label, values[:, place]))]
        for name, values in scores.items()
        for place, label in enumerate(labels)
    ]
    for name, label, area in areas:
        print(f"{name}: area under the ROC curve of {label} {area:.4f}")

    write_csv(
        HERE / "events.csv",
        ["event_id", *FEATURES, "truth"],
        (
            [number, *(f"{value:g}" for value in features), label]
            for number, ((*_, features), label) in enumerate(zip(testing, truth, strict=True), 1)
        ),
    )
    write_csv(
        HERE / "particles.csv",
        ["event_id", "particle_no", "features"],
        (
            [number, place, write_array(row)]
            for number, (_, particles, _) in enumerate(testing, 1)
            for place, row in enumerate(particles, 1)
        ),
    )
    write_csv(
        HERE / "expected.csv",
        ["event_id", *scores],
        (
            [number, f"{{{','.join(f'{value:.17g}' for value in exact)}}}", *map(write_array, rest)]
            for number, (exact, *rest) in enumerate(zip(*scores.values(), strict=True), 1)
        ),
    )
    write_csv(HERE / "areas.csv", ["model", "class", "area"], areas)


if __name__ == "__main__":
    main()
