"""Train a pipeline and a network on census data and write the files beside this one.

Needs scikit-learn, pandas and tensorflow, which nothing else in the example needs:

    python examples/adult/train.py

people.csv is there already (SOURCE.md says where from); ids up to 2000 are for training.

pipeline.joblib: ColumnTransformer and LogisticRegression, columns to the income's class.
columns.joblib: the same ColumnTransformer alone, for the network.
network.keras: what comes out of it to the probability of the larger income.
expected.csv: id, and the probabilities that scikit-learn and Keras give those that neither saw in
training, to 17 and 9 significant digits, which is what such numbers need to come back unchanged.
"""

from __future__ import annotations

from pathlib import Path

import joblib
import keras
import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

HERE = Path(__file__).resolve().parent
SEED = 5
TRAINING_ROWS = 2000
EPOCHS = 20
NUMBERS = ["age", "capital_gain", "capital_loss", "hours"]
WORDS = ["employer", "education", "marital", "occupation", "country"]


def read_people() -> pd.DataFrame:
    """The table as a database gives it: None for a missing text."""
    people = pd.read_csv(HERE / "people.csv", dtype=dict.fromkeys(WORDS, object))
    people[WORDS] = people[WORDS].astype(object).where(people[WORDS].notna(), None)
    return people


def build_network(width: int) -> keras.Model:
    """The untrained network."""
    return keras.Sequential(
        [
            keras.Input((width,), name="prepared"),
            keras.layers.Dense(16, activation="relu", name="hidden"),
            keras.layers.Dense(1, activation="sigmoid", name="income"),
        ],
        name="network",
    )


def main() -> None:
    """Train both, save, and print the accuracy on the rows that they did not see."""
    keras.utils.set_random_seed(SEED)
    people = read_people()
    training, testing = people[:TRAINING_ROWS], people[TRAINING_ROWS:]
    columns = make_column_transformer(
        # A missing number is the median of the others, a missing word a word of its own.
        (make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), NUMBERS),
        # Rare words are one; a word that is new counts as rare, too.
        (OneHotEncoder(min_frequency=10, handle_unknown="infrequent_if_exist"), WORDS),
        sparse_threshold=0,
    )
    pipeline = make_pipeline(columns, LogisticRegression(max_iter=1000))
    pipeline.fit(training[NUMBERS + WORDS], training["income"])
    joblib.dump(pipeline, HERE / "pipeline.joblib", compress=3)
    joblib.dump(columns, HERE / "columns.joblib", compress=3)
    logistic = pipeline.predict_proba(testing)[:, 1]

    inputs = columns.transform(training).astype(np.float32)
    model = build_network(inputs.shape[1])
    model.compile(keras.optimizers.Adam(0.003), "binary_crossentropy")
    model.fit(inputs, training["income"] == ">50K", epochs=EPOCHS, batch_size=32, verbose=0)
    network = model.predict(columns.transform(testing).astype(np.float32), verbose=0)[:, 0]
    # A network that was never compiled has no optimizer, whose state would triple the file.
    bare = build_network(inputs.shape[1])
    bare.set_weights(model.get_weights())
    bare.save(HERE / "network.keras")

    for name, scores in (("pipeline", logistic), ("network", network)):
        accuracy = ((scores > 0.5) == (testing["income"] == ">50K")).mean()
        print(f"{name}: accuracy on {len(testing)} people {accuracy:.4f}")
    expected = pd.DataFrame(
        {
            "id": testing["id"],
            "pipeline": [f"{score:.17g}" for score in logistic],
            "network": [f"{score:.9g}" for score in network],
        }
    )
    expected.to_csv(HERE / "expected.csv", index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
