"""Train the autoencoder of machine readings and write its files beside this one; for maintainers.

Needs tensorflow, which nothing else in the example needs:

    python examples/machine/train.py

machine.keras: 24 readings, scaled, to the same 24 readings as the network remembers them.
readings.csv: hour, temperature, is_anomaly (synthetic: a daily course, noise, planted anomalies).
scale.csv: mean and deviation of the training's readings.
expected.csv: hour and the framework's 24 scaled readings for some windows that end in that hour,
to nine significant digits, which is what a float32 needs to come back unchanged.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

HERE = Path(__file__).resolve().parent
SEED = 4
TRAIN_HOURS = 3000
"""Hours of a healthy machine, for the training only."""
HOURS = 600
WINDOW_HOURS = 24
EXPECTED_EVERY_HOURS = 8
EPOCHS = 40
ANOMALIES = {
    range(352, 356): lambda hours: 9.0,  # overheated
    range(430, 442): lambda hours: np.linspace(1, -11, len(hours)),  # cools down slowly
    range(505, 517): lambda hours: 7 * np.resize([1, -1], len(hours)),  # swings
}
"""What is added to the readings, by hours counted from 0; none in the first 300."""


def draw_temperatures(generator: np.random.Generator, hours: int) -> NDArray[np.float64]:
    """Invent hourly temperatures of a healthy machine."""
    hour = np.arange(hours)
    work = 5 * np.sin(2 * np.pi * hour / 24) + 2 * np.sin(2 * np.pi * hour / 12 + 1)
    return 80 + work + generator.normal(0, 0.4, hours)


def build() -> keras.Model:
    """Return the untrained network."""
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((WINDOW_HOURS, 1), name="readings"),
            layers.LSTM(16, name="encoder"),
            layers.RepeatVector(WINDOW_HOURS, name="repeat"),
            layers.LSTM(16, return_sequences=True, name="decoder"),
            layers.TimeDistributed(layers.Dense(1, name="reading"), name="remembered"),
        ],
        name="machine",
    )


def cut_windows(scaled: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return all windows of consecutive readings, windows x hours x 1."""
    windows = np.lib.stride_tricks.sliding_window_view(scaled, WINDOW_HOURS)
    return windows[..., None].astype(np.float32)


def write_csv(path: Path, header: list[str], rows: Iterable[list[object]]) -> None:
    """Write one CSV file with Unix line ends."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def main() -> None:
    """Train, save, and print the errors of healthy and of planted hours."""
    keras.utils.set_random_seed(SEED)
    generator = np.random.default_rng(SEED)
    healthy = draw_temperatures(generator, TRAIN_HOURS)
    mean, deviation = healthy.mean().round(2), healthy.std().round(2)
    temperatures = draw_temperatures(generator, HOURS)
    is_anomaly = np.zeros(HOURS, bool)
    for hours, change in ANOMALIES.items():
        temperatures[hours] += change(hours)
        is_anomaly[hours] = True
    temperatures = temperatures.round(2)

    model = build()
    model.compile(keras.optimizers.Adam(0.005), "mse")
    inputs = cut_windows((healthy - mean) / deviation)
    model.fit(inputs, inputs, epochs=EPOCHS, batch_size=64, verbose=0)

    windows = cut_windows((temperatures - mean) / deviation)
    outputs = model.predict(windows, verbose=0)
    errors = np.abs(outputs - windows).mean(axis=(1, 2))
    has_anomaly = np.lib.stride_tricks.sliding_window_view(is_anomaly, WINDOW_HOURS).any(axis=1)
    print(f"errors of healthy windows up to {errors[~has_anomaly].max():.3f}")
    for hours in ANOMALIES:
        within = errors[hours.start - WINDOW_HOURS + 1 : hours.stop]
        print(f"errors around hours {hours.start + 1} to {hours.stop} up to {within.max():.3f}")

    # A network that was never compiled has no optimizer, whose state would triple the file.
    bare = build()
    bare.set_weights(model.get_weights())
    bare.save(HERE / "machine.keras")
    write_csv(
        HERE / "readings.csv",
        ["hour", "temperature", "is_anomaly"],
        (
            [hour, f"{temperature:.2f}", "true" if planted else "false"]
            for hour, (temperature, planted) in enumerate(
                zip(temperatures, is_anomaly, strict=True), 1
            )
        ),
    )
    write_csv(HERE / "scale.csv", ["mean", "deviation"], [[f"{mean:.2f}", f"{deviation:.2f}"]])
    write_csv(
        HERE / "expected.csv",
        ["hour", "remembered"],
        (
            [number + WINDOW_HOURS, "{" + ",".join(f"{x:.9g}" for x in outputs[number, :, 0]) + "}"]
            for number in range(0, len(outputs), EXPECTED_EVERY_HOURS)
        ),
    )


if __name__ == "__main__":
    main()
