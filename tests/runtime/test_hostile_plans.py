"""Altered plans and weights: each is refused with ValueError, or computes within its bounds."""

from __future__ import annotations

import contextlib
import hashlib
import json
import random
import resource
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import plan_mutations
import pytest
from hostile_plans import HOSTILE, TWO
from messages import pack, send

from exporter.engines.plpython.runtime import runtime

MOST_MEMORY = 4 * 2**30  # of addresses more; a row's values may take 2 GiB
MOST_SECONDS = 20


@pytest.fixture
def bounded() -> Iterator[None]:
    """A bound of memory, beside what earlier tests of the process hold, and of time."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (held + MOST_MEMORY, before[1]))
    old = signal.signal(signal.SIGALRM, _too_long)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, old)
        resource.setrlimit(resource.RLIMIT_AS, before)


def _too_long(*_: Any) -> None:
    raise AssertionError(f"it took more than {MOST_SECONDS} s")


def load(text: str, block: bytes) -> Any:
    """The model of a plan, under its own digest."""
    raw = text.encode("utf-8", "surrogatepass")
    return runtime().load(hashlib.sha256(raw + block).hexdigest(), text, block)


def score(model: Any) -> None:
    """A row of zeros and a batch of three, whatever the inputs are."""
    messages = []
    for port in model.inputs:
        shape = [3 if n is None else n for n in port["shape"]]
        count = int(np.prod(shape))
        if count > 10**6:
            return
        if port.get("dtype") == "text":
            messages.append(pack(["a"] * count)[:-1])
        else:
            messages.append(send([0.5] * count, shape))
    for method in (model.score, model.label):
        with contextlib.suppress(ValueError):
            method(*messages)
    row = b"".join(
        message + (b"\0" if port.get("dtype") == "text" else b"")
        for port, message in zip(model.inputs, messages, strict=True)
    )
    model.answer(row * 3, 3, "both")


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_plan_is_refused(what: str, bounded: None) -> None:
    content, words = HOSTILE[what]
    text = content if isinstance(content, str) else json.dumps(content)
    with pytest.raises(ValueError, match=r".") as caught:
        load(text, TWO)
    assert words in str(caught.value)


@pytest.mark.parametrize("what", plan_mutations.SEEDS)
def test_an_altered_plan_is_refused_or_computes(what: str, bounded: None) -> None:
    text, block = plan_mutations.SEEDS[what]()
    score(load(text, block))
    chooser = random.Random(what)
    for _ in range(150):
        changed, weights = plan_mutations.altered(text, block, chooser)
        signal.alarm(MOST_SECONDS)
        try:
            score(load(changed, weights))
        except ValueError:
            continue


def test_every_kernel_has_a_rule() -> None:
    assert set(runtime().RULES) == set(runtime().KERNELS)
