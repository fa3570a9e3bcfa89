"""What a lowering function works with: its estimator's parameters, what fit() found, and add()."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, NoReturn, TypeAlias

import numpy as np

from exporter.errors import counted
from exporter.formats.sklearn.arrays import as_list, is_sparse, to_dense, type_name
from exporter.formats.sklearn.inert import Name, Record
from exporter.formats.sklearn.lowering.builder import (
    Block,
    Builder,
    Part,
    Pending,
    StepProblem,
    Value,
    constants,
    select,
)
from exporter.formats.sklearn.lowering.versions import find
from exporter.ir.columns import Kind
from exporter.ir.ops import Concatenate, Op, Tensor

AGAIN = "Fit it again and save it with a current scikit-learn."
REQUIRED: Any = object()
OLD_VOTES = (0, 22)  # before, votes of pairs of classes were scaled by all rows given at once
MAX_DEPTH = 50  # of estimators in estimators


@dataclass(frozen=True)
class Answers:
    """What a fitted predictor can be asked for, each a value or None where it has no such method.

    prediction is predict of a regressor, (targets,); probability is predict_proba, (classes,);
    decision is decision_function, (1,) or (classes,); choice is the place in classes of what
    predict gives, (1,), where that is neither the largest of probability nor of decision, and
    None elsewhere. classes are those of a classifier. may_decide says that it has a
    decision_function in some versions of its library, and the file does not tell which it was.
    """

    prediction: Value | None = None
    probability: Value | None = None
    decision: Value | None = None
    choice: Value | None = None
    classes: tuple[Any, ...] | None = None
    may_decide: bool = False


Result: TypeAlias = Block | Answers


@dataclass(frozen=True)
class Estimator:
    """How a class of scikit-learn is lowered.

    lower takes the context and X; ops are the names of the ops that it emits. used are the
    constructor's parameters that lower reads; ignored those that change no score, with the
    reason: a parameter that is neither is refused, for it is newer than this program. missing says
    since which version NaN in X is not an error: None for never. transform is how it is lowered
    where its transform() is called and not predict(), of classes that have both.
    library is whose class it is; is_whole says that no parameter is read, because what fit() found
    holds all of it.
    """

    lower: Callable[[Context, Block], Result]
    ops: tuple[str, ...]
    used: tuple[str, ...] = ()
    ignored: Mapping[str, str] = field(default_factory=dict)
    limits: str = ""
    missing: tuple[int, ...] | None = None
    library: str = "sklearn"
    is_whole: bool = False
    transform: Callable[[Context, Block], Result] | None = None


def fitting(names: str) -> dict[str, str]:
    """Parameters, given in one text, that only fit() reads, as ignored ones."""
    return dict.fromkeys(names.split(), "fit() alone reads it")


@dataclass
class Context:
    """One fitted estimator, as its lowering function sees it; path is its place in the pipeline.

    transforms says that it is asked for transform(), as every step of a pipeline but the last.
    """

    record: Record
    path: str
    builder: Builder
    entry: Estimator
    lower_any: Callable[[Any, Block | None, str, Builder, int, bool], Result | None]
    depth: int = 0
    transforms: bool = False
    read: set[str] = field(default_factory=set)  # parameters that were asked for

    @property
    def version(self) -> tuple[int, ...]:
        """Of the scikit-learn that saved it: (1, 5, 2), () where the file does not tell."""
        return self.builder.version

    def param(self, *names: str, default: Any = REQUIRED) -> Any:
        """A parameter of the constructor, by the first of its names over the versions that is
        there; default is what versions did that did not have it."""
        self.read.update(names)
        for name in names:
            if name in self.record.attributes:
                return self.record.attributes[name]
        if default is REQUIRED:
            self.refuse(f"its parameter {names[0]} is not in the file", AGAIN)
        return default

    def flag(self, *names: str, default: Any = REQUIRED) -> bool:
        """A parameter that is yes or no."""
        value = self.param(*names, default=default)
        if not isinstance(value, (bool, np.bool_, int, np.integer)):
            self.refuse(f"its {names[0]} is {_show(value)}", "Give it True or False.")
        return bool(value)

    def choice(self, known: Sequence[Any], *names: str, default: Any = REQUIRED) -> Any:
        """A parameter that is one of a few values; others are refused."""
        value = self.param(*names, default=default)
        for item in known:
            if type(value) is type(item) and value == item:
                return item
            if isinstance(item, str) and isinstance(value, str) and value == item:
                return item
        texts = ", ".join(map(_show, known))
        self.refuse(f"its {names[0]} is {_show(value)}", f"What can be exported: {texts}.")

    def number(self, *names: str, default: Any = REQUIRED) -> float:
        """A parameter that is a number."""
        value = self.param(*names, default=default)
        if isinstance(value, bool) or not isinstance(value, (int, float, np.integer, np.floating)):
            self.refuse(f"its {names[0]} is {_show(value)}", "Give it a number.")
        return float(value)

    def fitted(self, name: str, default: Any = REQUIRED) -> Any:
        """What fit() found out, by the name of today (versions.py knows the others)."""
        try:
            return find(self.record, name)
        except KeyError:
            if default is not REQUIRED:
                return default
        self.refuse(
            f"it has no {name}: it is not fitted, or of a scikit-learn that is not known here",
            "Fit the pipeline, then save it with a current scikit-learn.",
        )

    def array(self, name: str, *shape: int | None, default: Any = REQUIRED) -> Tensor:
        """A fitted array of numbers as float64; None in shape fits any length, and without a
        shape any will do. Sparse ones become dense."""
        found = self.fitted(name, default)
        return self.numbers_of(found, name, *shape)

    def numbers_of(self, found: Any, name: str, *shape: int | None) -> Tensor:
        """The same for an array at hand; name is for the message."""
        if is_sparse(found):
            found = to_dense(found)
        if isinstance(found, (list, tuple)) and all(
            isinstance(n, (int, float, np.number)) for n in found
        ):
            found = np.array(found, np.float64)
        if isinstance(found, (int, float, np.number, np.bool_)):
            found = np.asarray(found)
        if not isinstance(found, np.ndarray) or found.dtype.kind not in "biuf":
            self.refuse(f"its {name} is no array of numbers", AGAIN)
        fits = not shape or (
            found.ndim == len(shape)
            and all(want in (None, have) for want, have in zip(shape, found.shape, strict=True))
        )
        if not fits:
            self.refuse(f"its {name} has shape {found.shape}, not {_shape(shape)}", AGAIN)
        return constants(found)

    def labels(self, name: str, default: Any = None) -> tuple[Any, ...]:
        """A fitted list of classes or categories as Python's own values; default is what stands in
        its place in older versions."""
        found = as_list(self.fitted(name, REQUIRED if default is None else default))
        if found is None:
            self.refuse(f"its {name} is no list", AGAIN)
        return tuple(found)

    def refuse(self, reason: str, advice: str) -> NoReturn:
        """Give up on this step; the user sees reason and advice beside its name and path."""
        raise StepProblem(reason, advice)

    def warn(self, sentence: str) -> None:
        """A sentence for the user about what does not prevent the export."""
        if sentence not in self.builder.warnings:
            self.builder.warnings.append(sentence)

    def add(
        self,
        op: Op,
        *inputs: Value,
        is_text: bool | None = None,
        missing: Sequence[frozenset[int]] | None = None,
    ) -> Value:
        """Append a node that computes op; see Builder.add."""
        return self.builder.add(op, *inputs, layer=self.path, is_text=is_text, missing=missing)

    def takes_missing(self) -> bool:
        """Whether scikit-learn of the version that saved it takes NaN in X here."""
        since = self.entry.missing
        return since is not None and (not self.version or self.version >= since)

    def value(self, part: Part, kind: Kind) -> Value:
        """A part as numbers ("number", "boolean", ...) or "text".

        Raises: StepProblem, when it is the other.
        """
        if isinstance(part, Pending):
            return self.builder.use_columns([part.column], kind, self.path)
        if part.is_text != (kind == "text"):
            have, want = ("texts", "numbers") if part.is_text else ("numbers", "texts")
            self.refuse(f"it takes {want}, what reaches it are {have}", "Put an encoder before it.")
        return part

    def values(self, block: Block, kind: Kind) -> list[Value]:
        """All of X as values of one kind, neighbouring columns of the table as one."""
        found = []
        for is_pending, group in groupby(block.parts, key=lambda part: isinstance(part, Pending)):
            parts = list(group)
            if is_pending:
                columns = [part.column for part in parts if isinstance(part, Pending)]
                found.append(self.builder.use_columns(columns, kind, self.path))
            else:
                found += [self.value(part, kind) for part in parts]
        return found

    def numbers(
        self, block: Block, width: int | None = None, *, may_be_missing: bool = True
    ) -> Value:
        """X as one value of numbers; a missing one is an error of scikit-learn's unless the table
        and may_be_missing say otherwise, and then a NULL gives NULL."""
        if width is not None and block.width != width:
            self.refuse(
                f"it was fitted on {counted(width, 'column')}, {block.width} reach it", AGAIN
            )
        value = self.join(self.values(block, "number"))
        if not may_be_missing or not self.takes_missing():
            self.builder.refuse_missing(value)
        return value

    def any_value(self, part: Part) -> Value:
        """A part as what it is for others: a column that nobody else reads is a number."""
        if isinstance(part, Value):
            return part
        return self.builder.use_column_unsure(part.column, self.path)

    def columns(self, block: Block, places: Sequence[int], kind: Kind) -> Value:
        """Some columns of X as one value; a missing one in them as in numbers()."""
        value = self.join(self.values(self.select(block, places), kind))
        if not self.takes_missing():
            self.builder.refuse_missing(value)
        return value

    def join(self, values: Sequence[Value]) -> Value:
        """Values side by side as one."""
        return values[0] if len(values) == 1 else self.add(Concatenate(0), *values)

    def select(self, block: Block, places: Sequence[int]) -> Block:
        """The columns of a block in these places, in this order."""
        return select(self.builder, block, places, self.path)

    def inner(self, record: Any, block: Block, step: str, transforms: bool = False) -> Result:
        """A fitted estimator inside this one, on X.

        Raises: StepProblem with an empty reason, when it was refused (and noted) already.
        """
        result = self.lower_any(
            record,
            block,
            f"{self.path}/{step}" if self.path else step,
            self.builder,
            self.depth + 1,
            transforms,
        )
        if result is None:
            raise StepProblem("", "")
        return result

    def transform(self, record: Any, block: Block, step: str) -> Block:
        """transform() of a fitted transformer inside this one."""
        result = self.inner(record, block, step, transforms=True)
        if not isinstance(result, Block):
            raise StepProblem("", "")
        return result

    def answers(self, record: Any, block: Block, step: str) -> Answers:
        """What a fitted predictor inside this one answers."""
        result = self.inner(record, block, step)
        if not isinstance(result, Answers):
            self.refuse(f'its step "{step}" ({record.name}) does not predict', AGAIN)
        return result

    def refuse_old_votes(self) -> None:
        """Refuse votes of several classes that scikit-learn before 0.22 scaled by all rows that it
        was given at once."""
        if self.version and self.version < OLD_VOTES:
            self.refuse(
                "it tells several classes apart by votes, which scikit-learn before 0.22 scaled by"
                " all rows that it was given at once",
                AGAIN,
            )

    def refuse_unsure(self, answers: Answers) -> None:
        """Refuse what may have been asked for probabilities or for decisions when it was fitted."""
        if answers.may_decide:
            self.refuse(
                "its LightGBM decides by margins since 4.7 and by probabilities before, and the "
                "file does not tell the version",
                "Export the LGBMClassifier itself, or stack it by a StackingClassifier.",
            )


def _show(value: Any) -> str:
    if isinstance(value, (Name, Record)):
        return str(value)
    if isinstance(value, np.ndarray):
        return f"an array of {type_name(value.dtype)}"
    return repr(value)[:60]


def _shape(shape: Sequence[int | None]) -> str:
    return "(" + ", ".join("any" if n is None else str(n) for n in shape) + ")"
