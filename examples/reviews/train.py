"""Train the judge of reviews and write its files beside this one; for maintainers.

Needs tensorflow, which nothing else in the example needs:

    python examples/reviews/train.py

reviews.keras: 20 word ids, padded with 0, to the probability that a review is positive.
vocabulary.csv: word, id; 0 is no word, 1 any word that is not here.
reviews.csv: id, text, truth (synthetic sentences that the training did not see).
expected.csv: id and the framework's probability, to nine significant digits, which is what a
float32 needs to come back unchanged.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

HERE = Path(__file__).resolve().parent
SEED = 2
WORDS = 20
UNKNOWN = 1
TRAIN_REVIEWS = 2000
TEST_REVIEWS = 200
EPOCHS = 15
LABELS = ("negative", "positive")

THINGS = [
    "film",
    "book",
    "hotel",
    "phone",
    "camera",
    "coffee",
    "restaurant",
    "game",
    "lamp",
    "chair",
]
PARTS = [
    "story",
    "service",
    "battery",
    "picture",
    "taste",
    "price",
    "room",
    "design",
    "sound",
    "staff",
]
JUDGEMENTS = (
    [
        "terrible",
        "boring",
        "awful",
        "cheap",
        "broken",
        "slow",
        "dirty",
        "useless",
        "disappointing",
        "rude",
    ],
    [
        "wonderful",
        "great",
        "excellent",
        "lovely",
        "brilliant",
        "fast",
        "clean",
        "useful",
        "charming",
        "friendly",
    ],
)
FEELINGS = (["hated", "regret", "returned"], ["loved", "enjoyed", "recommend"])
TEMPLATES = (
    "The {thing} was {judgement}, and the {part} was {judgement2} too.",
    "I {feeling} this {thing}: {judgement} {part}!",
    "What a {judgement} {thing}. My {friend} also said that it is {judgement2}.",
    "{judgement} {part}, {judgement2} {part2}... would {verdict} buy it again.",
    "After {number} weeks with the {thing} I must say: the {part} is {judgement}.",
    "Some say the {part} is {other}, but I {feeling} it; the {thing} is simply {judgement}, "
    "really {judgement2}, and I would {verdict} go back to another one.",
)
FRIENDS = ["brother", "sister", "boss", "neighbour", "grandmother"]
"""In no training review, so that they are unknown words."""


def draw_review(generator: np.random.Generator, is_training: bool) -> tuple[str, int]:
    """Invent a review and say whether it is positive."""
    label = int(generator.integers(2))
    judgement, judgement2 = generator.choice(JUDGEMENTS[label], 2, replace=False)
    part, part2 = generator.choice(PARTS, 2, replace=False)
    text = str(generator.choice(TEMPLATES)).format(
        thing=generator.choice(THINGS),
        part=part,
        part2=part2,
        judgement=judgement,
        judgement2=judgement2,
        other=generator.choice(JUDGEMENTS[1 - label]),
        feeling=generator.choice(FEELINGS[label]),
        verdict=("never", "always")[label],
        number=generator.choice(["two", "three", "four"]),
        friend="friend" if is_training else generator.choice(FRIENDS),
    )
    return text[0].upper() + text[1:], label


def split(text: str) -> list[str]:
    """Return the words of a text, as example.sql does."""
    return [word for word in re.split("[^a-z]+", text.lower()) if word]


def encode(texts: Iterable[str], vocabulary: Mapping[str, int]) -> NDArray[np.float32]:
    """Return the network's input: the ids of the first words of each text, then zeros."""
    rows = []
    for text in texts:
        ids = [vocabulary.get(word, UNKNOWN) for word in split(text)][:WORDS]
        rows.append(ids + [0] * (WORDS - len(ids)))
    return np.array(rows, np.float32)


def build(size: int) -> keras.Model:
    """Return the untrained network for a vocabulary of so many ids."""
    return keras.Sequential(
        [
            keras.Input((WORDS,), name="words"),
            # The mask keeps the zeros behind a short review out of the average.
            keras.layers.Embedding(size, 8, mask_zero=True, name="meaning"),
            keras.layers.GlobalAveragePooling1D(name="average"),
            keras.layers.Dense(1, activation="sigmoid", name="positive"),
        ],
        name="reviews",
    )


def write_csv(path: Path, header: list[str], rows: Iterable[list[object]]) -> None:
    """Write one CSV file with Unix line ends."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def main() -> None:
    """Train, save, and print the accuracy on the reviews the training did not see."""
    keras.utils.set_random_seed(SEED)
    generator = np.random.default_rng(SEED)
    training = [draw_review(generator, True) for _ in range(TRAIN_REVIEWS)]
    testing = [draw_review(generator, False) for _ in range(TEST_REVIEWS)]
    words = sorted({word for text, _ in training for word in split(text)})
    vocabulary = {word: number for number, word in enumerate(words, UNKNOWN + 1)}
    size = len(vocabulary) + 2

    model = build(size)
    model.compile(keras.optimizers.Adam(0.01), "binary_crossentropy")
    inputs = encode((text for text, _ in training), vocabulary)
    # Now and then a word of a training review is unknown too.
    inputs[(generator.random(inputs.shape) < 0.05) & (inputs > 0)] = UNKNOWN
    labels = np.array([label for _, label in training])
    model.fit(inputs, labels, epochs=EPOCHS, batch_size=32, verbose=0)
    outputs = model.predict(encode((text for text, _ in testing), vocabulary), verbose=0)[:, 0]
    accuracy = ((outputs > 0.5) == np.array([label for _, label in testing])).mean()
    print(f"accuracy on {TEST_REVIEWS} test reviews, {size} ids: {accuracy:.4f}")

    # A network that was never compiled has no optimizer, whose state would triple the file.
    bare = build(size)
    bare.set_weights(model.get_weights())
    bare.save(HERE / "reviews.keras")
    write_csv(HERE / "vocabulary.csv", ["word", "id"], ([*item] for item in vocabulary.items()))
    write_csv(
        HERE / "reviews.csv",
        ["id", "text", "truth"],
        ([number, text, LABELS[label]] for number, (text, label) in enumerate(testing, 1)),
    )
    write_csv(
        HERE / "expected.csv",
        ["id", "positive"],
        ([number, f"{value:.9g}"] for number, value in enumerate(outputs, 1)),
    )


if __name__ == "__main__":
    main()
