"""Train the two particle classifiers and write their files beside this one; for maintainers.

Needs tensorflow, which nothing else in the example needs:

    python examples/particles/train.py

After the classifiers of proton collisions in "Topology classification with deep learning to
improve real-time event selection at the LHC" (Nguyen et al., 2019): the same networks, on
synthetic events that only resemble theirs.

inclusive.keras: 801 x 19 features of the particles and 14 of the whole event to 3 probabilities.
particle_sequence.keras: the particles alone to 3 probabilities.
events.csv: event_id, hlf (14 features of the event), truth.
particles.csv: event_id, particle_no (1 has the most momentum), features (19).
expected.csv: event_id and the framework's probabilities of both networks, to nine significant
digits, which is what a float32 needs to come back unchanged.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

HERE = Path(__file__).resolve().parent
SEED = 11
LABELS = ("qcd", "tt", "w")
STEPS = 801
TRAIN_EVENTS = 3000
TEST_EVENTS = 60
MAX_PARTICLES = 12
EPOCHS = 12

Event = tuple[int, NDArray[np.float64], NDArray[np.float64]]
"""The class, particles (n x 19), and features of the event (14)."""


def draw_event(generator: np.random.Generator) -> Event:
    """Invent an event: qcd has soft jets, tt many jets and a lepton, w a lepton and few jets."""
    label = int(generator.integers(len(LABELS)))
    count = int(generator.integers(8, MAX_PARTICLES + 1))
    momentum = np.sort(generator.gamma(1.5, (8, 14, 10)[label], count))[::-1]
    eta = generator.normal(0, (1.8, 0.9, 1.3)[label], count)
    phi = generator.uniform(-np.pi, np.pi, count)
    kind = generator.choice(5, count, p=[0.55, 0.15, 0.3, 0, 0])
    isolation = generator.gamma(2, (0.4, 0.3, 0.2)[label], (count, 3))
    # The lepton of a top quark or a W; in one event of ten it escapes, or jets fake one.
    if (label > 0) != (generator.random() < 0.1):
        place = int(generator.integers(3))
        kind[place] = generator.integers(3, 5)
        isolation[place] /= 10
    charge = np.where(np.isin(kind, (0, 3, 4)), generator.choice((-1, 1), count), 0)
    vertex = generator.normal(0, (0.05, 0.15, 0.05)[label], (count, 3))
    particles = np.column_stack(
        [
            momentum * np.cosh(eta) / 100,  # energy
            momentum * np.cos(phi) / 10,  # px
            momentum * np.sin(phi) / 10,  # py
            momentum * np.sinh(eta) / 100,  # pz
            momentum / 10,  # pt
            eta,
            phi,
            vertex,  # x, y, z of its origin
            isolation,  # from charged particles, photons, neutral hadrons
            np.eye(5)[kind],  # charged hadron, neutral hadron, photon, electron, muon
            charge,
        ]
    )
    is_lepton = kind >= 3
    lepton = int(np.argmax(is_lepton)) if is_lepton.any() else None
    missing = generator.gamma(2, (5, 20, 20)[label])
    jets = int(generator.poisson((3.0, 5.0, 2.0)[label]))
    features = np.array(
        [
            momentum.sum() / 100,  # sum of the jets' momenta
            missing / 10,  # missing transverse momentum
            generator.uniform(-np.pi, np.pi),  # its direction
            np.sqrt(missing * momentum.max()) / 10,  # transverse mass
            jets,
            int(generator.binomial(jets, (0.05, 0.35, 0.05)[label])),  # of them from b quarks
            *(
                (0,) * 8
                if lepton is None
                else (
                    momentum[lepton] / 10,
                    eta[lepton],
                    phi[lepton],
                    *isolation[lepton],
                    charge[lepton],
                    kind[lepton] == 3,  # an electron, not a muon
                )
            ),
        ],
        float,
    )
    # Three digits in the CSV files, and the same in the training.
    return label, particles.round(3), features.round(3)


def build(steps: int) -> tuple[keras.Model, keras.Model]:
    """Return both untrained networks: the inclusive one and that of the particles alone."""
    layers = keras.layers
    particles = keras.Input((steps, 19), name="particles")
    hlf = keras.Input((14,), name="hlf")
    masked = layers.Masking(0.0, name="masking")(particles)
    summary = layers.GRU(50, name="gru")(masked)
    both = layers.Concatenate(name="both")(
        [layers.Dropout(0.1, name="gru_dropout")(summary), layers.Dropout(0.1, name="dropout")(hlf)]
    )
    hidden = layers.Dense(25, activation="relu", name="hidden")(both)
    output = layers.Dense(3, activation="softmax", name="topology")(hidden)
    inclusive = keras.Model([particles, hlf], output, name="inclusive")
    sequence = keras.Sequential(
        [
            keras.Input((steps, 19), name="particles"),
            layers.Masking(0.0, name="masking"),
            layers.GRU(50, name="gru"),
            layers.Dense(3, activation="softmax", name="topology"),
        ],
        name="particle_sequence",
    )
    return inclusive, sequence


def pad(events: Sequence[Event], steps: int) -> list[NDArray[np.float32]]:
    """Return the networks' inputs: particles padded with zeros, and features of the events."""
    particles = np.zeros((len(events), steps, 19), np.float32)
    for row, (_, sequence, _) in zip(particles, events, strict=True):
        row[: len(sequence)] = sequence
    return [particles, np.array([features for *_, features in events], np.float32)]


def write_csv(path: Path, header: list[str], rows: Iterable[list[object]]) -> None:
    """Write one CSV file with Unix line ends."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def write_array(values: Iterable[float]) -> str:
    """Return numbers as PostgreSQL reads an array."""
    return "{" + ",".join(f"{value:.9g}" for value in values) + "}"


def main() -> None:
    """Train, save, and print the accuracy on the events the training did not see."""
    keras.utils.set_random_seed(SEED)
    generator = np.random.default_rng(SEED)
    training = [draw_event(generator) for _ in range(TRAIN_EVENTS)]
    testing = [draw_event(generator) for _ in range(TEST_EVENTS)]
    truth = np.array([label for label, *_ in testing])

    outputs = []
    # A GRU's weights do not depend on the number of steps: trained on 12, saved for 801.
    for number, (short, long) in enumerate(zip(build(MAX_PARTICLES), build(STEPS), strict=True)):
        inputs = pad(training, MAX_PARTICLES)
        short.compile(keras.optimizers.Adam(0.003), "sparse_categorical_crossentropy")
        short.fit(
            inputs if number == 0 else inputs[0],
            np.array([label for label, *_ in training]),
            epochs=EPOCHS,
            batch_size=32,
            verbose=0,
        )
        long.set_weights(short.get_weights())
        inputs = pad(testing, STEPS)
        outputs.append(long.predict(inputs if number == 0 else inputs[0], verbose=0))
        accuracy = (outputs[-1].argmax(axis=1) == truth).mean()
        print(f"{long.name}: accuracy on {TEST_EVENTS} test events: {accuracy:.4f}")
        long.save(HERE / f"{long.name}.keras")

    write_csv(
        HERE / "events.csv",
        ["event_id", "hlf", "truth"],
        (
            [number, write_array(features), LABELS[label]]
            for number, (label, _, features) in enumerate(testing, 1)
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
        ["event_id", "inclusive", "particle_sequence"],
        (
            [number, write_array(inclusive), write_array(sequence)]
            for number, (inclusive, sequence) in enumerate(zip(*outputs, strict=True), 1)
        ),
    )


if __name__ == "__main__":
    main()
