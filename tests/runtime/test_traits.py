"""What ops say of themselves holds for the formulas that their kernels are tested against."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import test_kernels
import test_sequences
import test_windows

from exporter.engines.plpython.runtime import runtime
from exporter.ir import ops
from exporter.ir.ops import Op, Traits

MODULES = (test_kernels, test_sequences, test_windows)
FORMULAS = tuple(case[:4] for module in MODULES for case in module.CASES)


def traits_of(kernel: str) -> Traits:
    """Of the op that a kernel computes."""
    classes = [getattr(ops, name) for name in ops.__all__]
    found = [
        item
        for item in classes
        if isinstance(item, type)
        and issubclass(item, Op)
        and item.kernel_name.fget(item.__new__(item)) == kernel  # type: ignore[attr-defined]
    ]
    return found[0].traits


def having(trait: str) -> list[Any]:
    """The cases of the ops with a trait."""
    return [
        pytest.param(name, parameters, inputs, expected, id=f"{name}-{number}")
        for number, (name, parameters, inputs, expected) in enumerate(FORMULAS)
        if getattr(traits_of(name), trait)
    ]


@pytest.mark.parametrize(("name", "parameters", "inputs", "expected"), having("moves"))
def test_what_moves_makes_no_numbers(
    name: str, parameters: dict[str, Any], inputs: tuple[np.ndarray, ...], expected: np.ndarray
) -> None:
    assert np.isin(expected, np.concatenate([x.ravel() for x in inputs])).all()


@pytest.mark.parametrize(("name", "parameters", "inputs", "expected"), having("keeps_all"))
def test_what_keeps_all_loses_no_number(
    name: str, parameters: dict[str, Any], inputs: tuple[np.ndarray, ...], expected: np.ndarray
) -> None:
    assert all(np.isin(x, expected).all() for x in inputs)


@pytest.mark.parametrize(("name", "parameters", "inputs", "expected"), having("stays"))
def test_what_stays_has_all_numbers_in_their_places(
    name: str, parameters: dict[str, Any], inputs: tuple[np.ndarray, ...], expected: np.ndarray
) -> None:
    assert expected.ravel().tolist() == inputs[0].ravel().tolist()


@pytest.mark.parametrize(("name", "parameters", "inputs", "expected"), having("crosses_transpose"))
def test_what_crosses_a_transpose_gives_the_same_on_either_side(
    name: str, parameters: dict[str, Any], inputs: tuple[np.ndarray, ...], expected: np.ndarray
) -> None:
    (x,) = inputs
    order = (0, *reversed(range(1, x.ndim)))
    before = runtime().KERNELS[name](**parameters)(x.transpose(order))
    np.testing.assert_array_equal(before, expected.transpose(order).astype(before.dtype))


def test_each_trait_of_numbers_is_tried() -> None:
    tried = {trait: len(having(trait)) for trait in ("moves", "keeps_all", "stays")}
    assert min(tried.values()) > 2
