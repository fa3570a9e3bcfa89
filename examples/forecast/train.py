"""Train the price forecaster and write its files beside this one; for maintainers.

Needs tensorflow and scikit-learn, which nothing else in the example needs:

    python examples/forecast/train.py

forecast.keras: 30 scaled prices to the next one.
prices.csv: day, price (synthetic: two seasons, and noise that carries over).
scaler.joblib: (price - low) / (high - low), fitted on the training days.
scale.csv: the same low and high, for what the SQL does with scaled numbers.
expected.csv: day, steps_ahead and the framework's scaled price, to nine significant digits, which
is what a float32 needs to come back unchanged: one step after each day, and many after the last.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

import joblib
import keras
import numpy as np
from numpy.typing import NDArray
from sklearn.preprocessing import MinMaxScaler

HERE = Path(__file__).resolve().parent
SEED = 5
DAYS = 400
TRAIN_DAYS = 300
WINDOW_DAYS = 30
STEPS_AHEAD = 40
EPOCHS = 40


def draw_prices(generator: np.random.Generator) -> NDArray[np.float64]:
    """Invent daily prices in cents' precision."""
    day = np.arange(DAYS)
    noise = np.zeros(DAYS)
    for today in range(1, DAYS):
        noise[today] = 0.6 * noise[today - 1] + generator.normal(0, 0.5)
    seasons = 12 * np.sin(2 * np.pi * day / 47) + 5 * np.sin(2 * np.pi * day / 13)
    return (100 + seasons + noise).round(2)


def build() -> keras.Model:
    """Return the untrained network."""
    return keras.Sequential(
        [
            keras.Input((WINDOW_DAYS, 1), name="prices"),
            keras.layers.LSTM(50, return_sequences=True, name="first"),
            keras.layers.Dropout(0.1, name="dropout"),
            keras.layers.LSTM(100, name="second"),
            keras.layers.Dense(1, name="next"),
        ],
        name="forecast",
    )


def write_csv(path: Path, header: list[str], rows: Iterable[list[object]]) -> None:
    """Write one CSV file with Unix line ends."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def main() -> None:
    """Train, save, and print how far the forecasts are from the days the training did not see."""
    keras.utils.set_random_seed(SEED)
    prices = draw_prices(np.random.default_rng(SEED))
    low, high = prices[:TRAIN_DAYS].min(), prices[:TRAIN_DAYS].max()
    scaler = MinMaxScaler().fit(prices[:TRAIN_DAYS, None])
    scaled = scaler.transform(prices[:, None])[:, 0].astype(np.float32)
    # windows[i] ends on day WINDOW_DAYS + i, counted from 1.
    windows = np.lib.stride_tricks.sliding_window_view(scaled, WINDOW_DAYS)[..., None]
    following = scaled[WINDOW_DAYS:]

    model = build()
    model.compile(keras.optimizers.Adam(0.002), "mse")
    seen = TRAIN_DAYS - WINDOW_DAYS
    model.fit(windows[:seen], following[:seen], epochs=EPOCHS, batch_size=16, verbose=0)

    ahead = model.predict(windows, verbose=0)[:, 0]
    error = np.abs(ahead[seen:-1] - following[seen:]).mean() * (high - low)
    naive = np.abs(np.diff(prices[TRAIN_DAYS - 1 :])).mean()
    print(f"mean error on {DAYS - TRAIN_DAYS} test days: {error:.3f}, of today's price {naive:.3f}")

    recent = windows[-1:].copy()
    iterated = []
    for _ in range(STEPS_AHEAD):
        step = model.predict(recent, verbose=0)
        iterated.append(step[0, 0])
        recent = np.concatenate([recent[:, 1:], step[:, None]], axis=1)

    # A network that was never compiled has no optimizer, whose state would triple the file.
    bare = build()
    bare.set_weights(model.get_weights())
    bare.save(HERE / "forecast.keras")
    joblib.dump(scaler, HERE / "scaler.joblib")
    write_csv(
        HERE / "prices.csv",
        ["day", "price"],
        ([day, f"{price:.2f}"] for day, price in enumerate(prices, 1)),
    )
    write_csv(HERE / "scale.csv", ["low", "high"], [[f"{low:.2f}", f"{high:.2f}"]])
    one_step = ([day, 1, f"{value:.9g}"] for day, value in enumerate(ahead, WINDOW_DAYS))
    many_steps = ([DAYS, step, f"{value:.9g}"] for step, value in enumerate(iterated, 1))
    write_csv(
        HERE / "expected.csv",
        ["day", "steps_ahead", "scaled"],
        [*one_step, *list(many_steps)[1:]],
    )


if __name__ == "__main__":
    main()
