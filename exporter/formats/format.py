"""What a format of model files is to the rest of the program: one record, from its folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol, TypeAlias, get_args

from exporter.errors import VerificationError
from exporter.formats.child import Array
from exporter.formats.opening import ModelFile
from exporter.ir.graph import Graph

ExpectedBy: TypeAlias = Literal["auto", "framework", "float64"]
"""Who computes expected outputs: the format's framework where it can be asked safely, the framework
and nothing else, or this program."""
EXPECTED_BY: tuple[str, ...] = get_args(ExpectedBy)


class Supported(Protocol):
    """What a layer, or whatever a format is made of, becomes: names of ops, and limits in words."""

    @property
    def ops(self) -> tuple[str, ...]:
        """Names of classes of exporter.ir.ops."""

    @property
    def limits(self) -> str:
        """Options and limits, empty where there are none."""


@dataclass(frozen=True)
class Answer:
    """Outputs that a framework computed, or None with the reason why it did not."""

    outputs: tuple[Array, ...] | None
    who: str
    reason: str = ""


@dataclass(frozen=True)
class Framework:
    """The library that writes files of a format, as the judge of our scores.

    expect: (file, rows) -> Answer; whatever is wrong is a reason, and no error.
    executes: loading a file in it runs what the file says, as a pickle does. It is asked only when
    the user says so, or saved the model from his own process a moment ago.
    """

    title: str
    expect: Callable[[ModelFile, tuple[Array, ...]], Answer]
    executes: bool


@dataclass(frozen=True)
class Format:
    """A format of files that models are read from, and everything that is done with one.

    name is what Source.format holds; title what people call it, and what saves such files.
    suffixes are those that its files have as a rule, which decide nothing; saved_by says how such a
    file is made, for messages; part what it calls the parts of a model, as layer.

    recognise: (file) -> does it look like one? By its content; nothing of it is executed.
    read: (file) -> Graph; ArchiveError and UnsupportedError say what stands in the way.
    framework: its own library, None where it has none that could be asked.
    save: (model in memory, folder) -> the file it was saved to, None for what is no model of it.
    layers: what it is made of, by name, with what that becomes.
    """

    name: str
    title: str
    suffixes: tuple[str, ...]
    saved_by: str
    part: str
    recognise: Callable[[ModelFile], bool]
    read: Callable[[ModelFile], Graph]
    framework: Framework | None
    save: Callable[[Any, Path], Path | None]
    layers: Mapping[str, Supported]

    def expect(
        self, file: ModelFile, inputs: tuple[Array, ...], expected_by: ExpectedBy, is_own: bool
    ) -> Answer:
        """Outputs by the framework, as far as the user wants it asked; is_own: the file was saved
        by this process.

        Raises: VerificationError, when the user insists on a framework that gives none.
        """
        framework = self.framework
        if expected_by == "float64":
            return Answer(None, "", "not asked")
        if framework is None:
            answer = Answer(None, "", f"{self.title} has no framework that could be asked")
        elif framework.executes and expected_by == "auto" and not is_own:
            answer = Answer(None, "", f"{framework.title} would execute what is in the file")
        else:
            answer = framework.expect(file, inputs)
        if answer.outputs is None and expected_by == "framework":
            raise VerificationError(
                f"the expected outputs are to come from the file's own framework, and cannot:"
                f" {answer.reason}. Mend that, or export it on this program's word:"
                f" --expected-by float64."
            )
        return answer
