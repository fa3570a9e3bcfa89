"""Train models of CatBoost with categories over a grid of options and write each as NAME.json with
NAME.json.npz: numbers and texts of hard rows, and what CatBoost itself scores, y. In a process of
its own:

    python tests/category_grid.py FOLDER ROWS [NAME ...]
"""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

RANDOM = np.random.default_rng(1)
TRAINED = 1200
NUMBERS, CATEGORIES = ("u", "v", "w"), ("few", "many", "number", "two")
LETTERS = list("abcxyz0 ßé€😀中")


def write_word(length: int) -> str:
    """Some letters, of one to four bytes each."""
    return "".join(RANDOM.choice(LETTERS, length))


# Beyond 64 bytes CityHash goes on by blocks.
FEW = ("red", "green", "blü", "", "nan", "a category that is longer than 64 bytes " * 3)
MANY = [write_word(int(length)) for length in RANDOM.integers(1, 90, 300)]
SMALL = [write_word(int(length)) for length in RANDOM.integers(1, 40, 20)]


def draw(count: int, many: list[str]) -> dict[str, list[Any]]:
    """Rows by column, as CatBoost takes them: numbers, texts, and whole numbers as categories."""
    rows: dict[str, list[Any]] = {
        "few": [FEW[n] for n in RANDOM.integers(0, len(FEW), count)],
        "u": np.where(RANDOM.random(count) < 0.1, np.nan, RANDOM.normal(size=count)).tolist(),
        "many": [many[n] for n in RANDOM.integers(0, len(many), count)],
        "number": RANDOM.integers(-3, 40, count).tolist(),
        "v": RANDOM.normal(size=count).round(1).tolist(),
        "w": RANDOM.integers(0, 4, count).astype(float).tolist(),
        "two": [("yes", "no")[n] for n in RANDOM.integers(0, 2, count)],
    }
    return rows


def draw_hard(count: int, many: list[str], path: Path) -> dict[str, list[Any]]:
    """Rows with categories that were never seen, and numbers on borders and next to them."""
    rows = draw(count, many)
    for name in ("few", "many", "two"):
        for row in np.flatnonzero(RANDOM.random(count) < 0.12).tolist():
            rows[name][row] = write_word(int(RANDOM.integers(0, 140)))
    for row in np.flatnonzero(RANDOM.random(count) < 0.1).tolist():
        rows["number"][row] = int(RANDOM.integers(-(10**9), 10**12))
    features = json.loads(path.read_text())["features_info"].get("float_features", [])
    borders = {entry["feature_id"]: entry["borders"] for entry in features}
    for name in NUMBERS:
        known = np.array([*borders.get(name, []), 0], np.float32)
        picked = RANDOM.choice(known, count)
        how = RANDOM.integers(0, 6, count)
        with np.errstate(over="ignore"):
            above = np.nextafter(picked, np.float32(np.inf))
        rows[name] = np.select([how == 0, how == 1], [picked, above], rows[name]).tolist()
    rows["v"] = np.where(RANDOM.random(count) < 0.03, np.nan, rows["v"]).tolist()
    return rows


def as_table(rows: dict[str, list[Any]]) -> list[list[Any]]:
    """Rows one after another."""
    return [list(row) for row in zip(*rows.values(), strict=True)]


def cases() -> Iterator[tuple[str, str, list[str], dict[str, Any]]]:
    """Names, targets, the categories of the column of many, and options."""
    targets = ("RMSE", "Logloss", "MultiClass")
    kinds: dict[str, list[str]] = {
        "borders": ["Borders"],
        "buckets": ["Buckets"],
        "means": ["BinarizedTargetMeanValue"],
        "counter": ["Counter"],
        "both": ["Borders:Prior=0.3:Prior=2", "Counter:Prior=1"],
        "borders3": ["Borders:TargetBorderCount=3"],
        "buckets4": ["Buckets:TargetBorderCount=4"],
        "means3": ["BinarizedTargetMeanValue:TargetBorderCount=3"],
    }
    methods = itertools.cycle(["Full", "SkipTest", "Full"])
    for number, ((name, kind), target) in enumerate(itertools.product(kinds.items(), targets)):
        if name[-1].isdigit() and target == "Logloss":
            continue  # two classes have one border
        given = {
            "simple_ctr": kind,
            "combinations_ctr": kind,
            "one_hot_max_size": (1, 2, 6, 255)[number % 4],
            "max_ctr_complexity": 1 + number % 3,
            "counter_calc_method": next(methods),
            "nan_mode": ("Min", "Max")[number % 2],
            "depth": 3 + number % 5,
        }
        yield f"{name}_{target}", target, MANY, given
    sizes = itertools.product((1, 2, 50, 255), (1, 2, 3, 4))
    for number, (one_hot, most) in enumerate(sizes):
        given = {"one_hot_max_size": one_hot, "max_ctr_complexity": most}
        yield f"sizes_{one_hot}_{most}", targets[number % 2], MANY, given
    for policy, one_hot in itertools.product(("Depthwise", "Lossguide"), (1, 6, 255)):
        yield f"{policy}_{one_hot}", "Logloss", MANY, {
            "grow_policy": policy, "one_hot_max_size": one_hot,
        }  # fmt: skip
    small = {"iterations": 5, "depth": 3, "model_size_reg": 0}
    yield "categories_binary", "Logloss", SMALL, {
        **small, "depth": 6, "one_hot_max_size": 6, "max_ctr_complexity": 3,
        "simple_ctr": ["Counter"], "combinations_ctr": ["Borders", "Counter"],
    }  # fmt: skip
    yield "categories_means", "MultiClass", SMALL, {
        **small, "one_hot_max_size": 2, "max_ctr_complexity": 1, "nan_mode": "Max",
        "simple_ctr": ["BinarizedTargetMeanValue"],
        "combinations_ctr": ["BinarizedTargetMeanValue"],
    }  # fmt: skip
    yield "categories_nested", "RMSE", SMALL, {
        **small, "one_hot_max_size": 6, "max_ctr_complexity": 1, "grow_policy": "Depthwise",
        "simple_ctr": ["Buckets:TargetBorderCount=3", "Borders:TargetBorderCount=2"],
    }  # fmt: skip


def main(folder: str, count: str, *names: str) -> None:
    """Write all models, or those named."""
    import catboost

    table = {id(many): draw(TRAINED, many) for many in (MANY, SMALL)}
    for number, (name, target, many, given) in enumerate(cases()):
        if names and name not in names:
            continue
        rows = table[id(many)]
        effect = {word: (7 * n % 11) / 4 for n, word in enumerate(many)}
        s = np.nan_to_num(np.array(rows["u"])) + np.array([effect[word] for word in rows["many"]])
        s = s + np.array([1.5 * (word == "red") for word in rows["few"]]) - 1.5
        s = s + np.array(rows["v"]) * np.array([word == "yes" for word in rows["two"]])
        s = s + np.sin(np.array(rows["number"]))
        y = {"RMSE": s, "Logloss": s > 0, "MultiClass": np.digitize(s, [-1, 0, 1])}[target]
        options = {"iterations": 15, "depth": 5, "verbose": 0, "thread_count": 1,
                   "allow_writing_files": False, "random_seed": number, **given}  # fmt: skip
        model = catboost.CatBoost({**options, "loss_function": target})
        places = [place for place, column in enumerate(rows) if column in CATEGORIES]
        pool = catboost.Pool(
            as_table(rows), y.astype(float), cat_features=places, feature_names=list(rows)
        )
        model.fit(pool)
        path = Path(folder) / f"{name}.json"
        model.save_model(str(path), format="json")
        hard = draw_hard(int(count), many, path)
        found = model.predict(
            as_table(hard),
            prediction_type="RawFormulaVal" if target == "RMSE" else "Probability",
        )
        found = np.asarray(found).reshape(int(count), -1)
        np.savez_compressed(
            f"{path}.npz",
            numbers=np.array([hard[column] for column in NUMBERS], np.float64).T,
            texts=np.array([list(map(str, hard[column])) for column in CATEGORIES]).T,
            y=found[:, 1:] if target == "Logloss" else found,
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
