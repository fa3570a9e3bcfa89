"""Train a small convolutional network on the digits of ../digits; for maintainers.

Needs tensorflow, which nothing else in the example needs:

    python examples/images/train.py

images.h5: the network, 8 x 8 grey values 0..16 to 10 probabilities.
expected.csv: id and the framework's ten probabilities for the test rows, to nine significant
digits, which is what a float32 needs to come back unchanged.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

import keras
import numpy as np

HERE = Path(__file__).resolve().parent
SEED = 3
EPOCHS = 30


def build() -> keras.Model:
    """Return the untrained network."""
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((8, 8, 1), name="pixels"),
            layers.Rescaling(1 / 16, name="scale"),
            layers.Conv2D(12, 3, padding="same", activation="relu", name="edges"),
            layers.BatchNormalization(name="edges_norm"),
            layers.MaxPooling2D(2, name="edges_pool"),
            layers.Conv2D(24, 3, padding="same", activation="relu", name="shapes"),
            layers.BatchNormalization(name="shapes_norm"),
            layers.MaxPooling2D(2, name="shapes_pool"),
            layers.Flatten(name="flat"),
            layers.Dropout(0.3, name="dropout"),
            layers.Dense(10, activation="softmax", name="digit"),
        ],
        name="images",
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
    with (HERE.parent / "digits" / "digits.csv").open(newline="") as file:
        rows = list(csv.reader(file))[1:]
    ids = np.array([int(row[0]) for row in rows])
    pixels = np.array([row[1:65] for row in rows], "float32").reshape(-1, 8, 8, 1)
    labels = np.array([int(row[65]) for row in rows])
    is_test = np.array([row[66] == "true" for row in rows])

    model = build()
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(pixels[~is_test], labels[~is_test], epochs=EPOCHS, batch_size=32, verbose=0)
    _, accuracy = model.evaluate(pixels[is_test], labels[is_test], verbose=0)
    print(f"accuracy on {is_test.sum()} test rows: {accuracy:.4f}")

    # A network that was never compiled has no optimizer, whose state would triple the file.
    bare = build()
    bare.set_weights(model.get_weights())
    bare.save(HERE / "images.h5")
    write_csv(
        HERE / "expected.csv",
        ["id", *(f"probability{i}" for i in range(10))],
        (
            [number, *(f"{value:.9g}" for value in row)]
            for number, row in zip(
                ids[is_test], bare.predict(pixels[is_test], verbose=0), strict=True
            )
        ),
    )


if __name__ == "__main__":
    main()
