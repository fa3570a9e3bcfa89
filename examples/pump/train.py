"""Train the network that tells when a pump fails, and write its files beside this one; for
maintainers.

Needs tensorflow and scikit-learn, which nothing else in the example needs:

    python examples/pump/train.py

scaler.joblib: a MinMaxScaler of one row of 52 sensors, fitted on the first two days.
pump.keras: 60 scaled rows side by side, 3120 numbers, to the probability that the pump fails within
the hour. (The system that this example is after had 200 and 40 neurons where this one has 16 and 8,
so that the file is small.)
expected.csv: id of a window's last row and the framework's probability, for one window of 90.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import Any

import joblib
import keras
import numpy as np
import pandas as pd
import psycopg2
from sklearn.preprocessing import MinMaxScaler

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from private_server import private_server  # noqa: E402
from run import load  # noqa: E402

SEED = 3
LENGTH = 60
TRAIN_MINUTES = 2 * 24 * 60
SENSORS = [f"sensor_{n:02}" for n in range(52)]
EPOCHS = 12


def read_sensors() -> pd.DataFrame:
    """The table that tables.sql invents, with the minutes to each pump's next failure."""
    if not (HERE / "expected.csv").exists():
        (HERE / "expected.csv").write_text("id,prediction\n")
    with private_server() as server:
        load("pump", server.dsn(), server.bindir)
        connection = psycopg2.connect(server.dsn())
        cursor = connection.cursor()
        cursor.execute(
            "select id, machine, coalesce(extract(epoch from (select min(at) from failures f where"
            " f.machine = s.machine and at > ts) - ts) / 60, 1e9)::float8, "
            + ", ".join(SENSORS)
            + " from pump_sensors s order by machine, ts"
        )
        rows = cursor.fetchall()
        connection.close()
    return pd.DataFrame(rows, columns=["id", "machine", "minutes", *SENSORS])


def build() -> keras.Model:
    """Return the untrained network."""
    return keras.Sequential(
        [
            keras.Input((LENGTH * len(SENSORS),), name="window"),
            keras.layers.Dense(16, "relu"),
            keras.layers.Dense(8, "relu"),
            keras.layers.Dense(1, "sigmoid"),
        ],
        name="pump",
    )


def cut(scaled: Any) -> Any:
    """All windows of one pump's rows, flat."""
    windows = np.lib.stride_tricks.sliding_window_view(scaled, LENGTH, axis=0)
    return windows.transpose(0, 2, 1).reshape(len(windows), -1)


def main() -> None:
    """Train, save, and print precision and recall on the third day."""
    keras.utils.set_random_seed(SEED)
    table = read_sensors()
    pumps = [rows for _, rows in table.groupby("machine")]
    scaler = MinMaxScaler().fit(pd.concat([rows[SENSORS][:TRAIN_MINUTES] for rows in pumps]))
    windows, truths, ids, is_train = [], [], [], []
    for rows in pumps:
        windows.append(cut(scaler.transform(rows[SENSORS]).astype(np.float32)))
        truths.append(rows["minutes"].to_numpy()[LENGTH - 1 :] <= 60)
        ids.append(rows["id"].to_numpy()[LENGTH - 1 :])
        is_train.append(np.arange(LENGTH - 1, len(rows)) < TRAIN_MINUTES)
    x, y = np.concatenate(windows), np.concatenate(truths)
    key, seen = np.concatenate(ids), np.concatenate(is_train)
    model = build()
    model.compile(keras.optimizers.Adam(0.0005), "binary_crossentropy")
    model.fit(x[seen][::3], y[seen][::3], epochs=EPOCHS, batch_size=64, verbose=0)
    found = model.predict(x, batch_size=1024, verbose=0)[:, 0]
    fails = found[~seen] > 0.5
    hits = (fails & y[~seen]).sum()
    print(f"third day: precision {hits / fails.sum():.3f}, recall {hits / y[~seen].sum():.3f}")
    bare = build()
    bare.set_weights(model.get_weights())
    bare.save(HERE / "pump.keras")
    joblib.dump(scaler, HERE / "scaler.joblib")
    with (HERE / "expected.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["id", "prediction"])
        writer.writerows([n, f"{p:.9g}"] for n, p in zip(key[::90], found[::90], strict=True))


if __name__ == "__main__":
    main()
