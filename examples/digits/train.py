"""Train the digits network and write its files beside this one; for maintainers.

Needs scikit-learn and tensorflow, which nothing else in the example needs:

    python examples/digits/train.py

digits.h5, digits.keras: the network, in the old file format and in the new one.
digits.csv: id, p0..p63 (grey values 0..16 of the 8 x 8 pixels, row by row), label, is_test.
expected.csv: id and the framework's ten probabilities, to nine significant digits, which is
what a float32 needs to come back unchanged.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

import keras
import numpy as np
from sklearn.datasets import load_digits

HERE = Path(__file__).resolve().parent
SEED = 7
TEST_FRACTION = 0.2
EPOCHS = 60


def build() -> keras.Model:
    """Return the untrained network: 64 grey values to 10 probabilities."""
    return keras.Sequential(
        [
            keras.Input((64,), name="pixels"),
            keras.layers.Rescaling(1 / 16, name="scale"),
            keras.layers.Dense(32, activation="relu", name="hidden"),
            keras.layers.Dropout(0.2, name="dropout"),
            keras.layers.Dense(10, activation="softmax", name="digit"),
        ],
        name="digits",
    )


def write_csv(path: Path, header: list[str], rows: Iterable[list[object]]) -> None:
    """Write one CSV file with Unix line ends."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def main() -> None:
    """Train, save, and print the accuracy on the rows the training did not see."""
    keras.utils.set_random_seed(SEED)
    data = load_digits()
    pixels, labels = data.data.astype("float32"), data.target
    is_test = np.zeros(len(labels), bool)
    order = np.random.default_rng(SEED).permutation(len(labels))
    is_test[order[: round(TEST_FRACTION * len(labels))]] = True

    model = build()
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(pixels[~is_test], labels[~is_test], epochs=EPOCHS, batch_size=32, verbose=0)
    _, accuracy = model.evaluate(pixels[is_test], labels[is_test], verbose=0)
    print(f"accuracy on {is_test.sum()} test rows: {accuracy:.4f}")

    # A network that was never compiled has no optimizer, whose state would triple the files.
    bare = build()
    bare.set_weights(model.get_weights())
    bare.save(HERE / "digits.h5")
    bare.save(HERE / "digits.keras")
    write_csv(
        HERE / "digits.csv",
        ["id", *(f"p{i}" for i in range(64)), "label", "is_test"],
        (
            [i, *pixels[i].astype(int), labels[i], "true" if is_test[i] else "false"]
            for i in range(len(labels))
        ),
    )
    write_csv(
        HERE / "expected.csv",
        ["id", *(f"probability{i}" for i in range(10))],
        (
            [i, *(f"{value:.9g}" for value in row)]
            for i, row in enumerate(model.predict(pixels, verbose=0))
        ),
    )


if __name__ == "__main__":
    main()
