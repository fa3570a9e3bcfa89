"""What doctor learns from the server's Python."""

from __future__ import annotations

import json
from typing import Any

from exporter.engines.plpython.doctor import _check_numpy
from exporter.resources import read_text


def probe(**names: Any) -> dict[str, Any]:
    """Facts about this Python, with other names for builtins."""
    exec(read_text("plpython/probe.py"), names)
    facts: dict[str, Any] = json.loads(names["report"])
    return facts


def test_numpy_and_its_blas_are_found() -> None:
    facts = probe()
    assert facts["numpy_error"] is None
    assert [check.level for check in _check_numpy(facts)] == ["ok", "ok"]


def test_without_proc_numpy_is_fine_and_its_blas_unknown() -> None:
    """As in a chroot and outside Linux: doctor said that numpy failed there."""

    def refuse(*_: Any) -> None:
        raise FileNotFoundError("/proc/self/maps")

    facts = probe(open=refuse)
    assert facts["numpy_error"] is None
    numpy, blas = _check_numpy(facts)
    assert (numpy.level, blas.level) == ("ok", "slow")
    assert "no fast BLAS was seen" in blas.finding
