"""The scoreboard of a folder tells right, wrong, refused and unchecked files apart."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from files import dense, layer, sequential, write_h5

SCRIPT = Path(__file__).parent.parent.parent / "benchmarks" / "scoreboard.py"
RNG = np.random.default_rng(31)
KERNEL, BIAS, X = RNG.normal(size=(3, 2)), RNG.normal(size=2), RNG.normal(size=(4, 3))


@pytest.fixture(scope="module")
def scoreboard() -> ModuleType:
    """The script as a module."""
    spec = importlib.util.spec_from_file_location("scoreboard", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["scoreboard"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def write_model(path: Path, expected: np.ndarray | None = None) -> None:
    """A Dense, and the scores to compare with beside it."""
    config = sequential(dense("d", 2, batch_input_shape=[None, 3]))
    write_h5(path, config, {"d": [("d/kernel:0", KERNEL), ("d/bias:0", BIAS)]})
    if expected is not None:
        np.savez(path.with_name(path.name + ".npz"), x0=X, y0=expected)


def test_verdicts_and_totals(
    scoreboard: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    right = X @ KERNEL + BIAS
    (tmp_path / "deeper").mkdir()
    write_model(tmp_path / "deeper" / "right.h5", right)
    write_model(tmp_path / "wrong.h5", right + 1e-3)
    write_model(tmp_path / "shape.h5", right[:, :1])
    write_model(tmp_path / "alone.h5")
    (tmp_path / "text.h5").write_text("no model")
    custom: Any = sequential(layer("Mine", "m", batch_input_shape=[None, 3]))
    write_h5(tmp_path / "custom.h5", custom, {"m": []})
    rows = [scoreboard.judge(path) for path in scoreboard.find_models([tmp_path])]
    verdicts = {row.path.stem: row.verdict for row in rows}
    assert verdicts == {
        "right": scoreboard.RIGHT,
        "wrong": scoreboard.WRONG,
        "shape": scoreboard.WRONG,
        "alone": scoreboard.UNCHECKED,
        "text": scoreboard.REFUSED,
        "custom": scoreboard.REFUSED,
    }
    assert scoreboard.main([str(tmp_path)]) == 1
    printed = capsys.readouterr().out
    assert "    6  in all" in printed
    assert "Mine: this class is not supported" in printed


def test_all_right_exits_with_0(scoreboard: ModuleType, tmp_path: Path) -> None:
    write_model(tmp_path / "right.h5", X @ KERNEL + BIAS)
    assert scoreboard.main([str(tmp_path)]) == 0
