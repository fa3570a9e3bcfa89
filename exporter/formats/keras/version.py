"""The Keras version that saved a file: defaults and some formulas changed between them."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class KerasVersion:
    """major.minor.patch; is_tf_keras for the Keras inside TensorFlow 1.x and 2.x."""

    major: int
    minor: int
    is_tf_keras: bool = False
    patch: int = 0

    def before(self, other: KerasVersion) -> bool:
        """Whether its number is lower, be either standalone or in TensorFlow."""
        return (self.major, self.minor, self.patch) < (other.major, other.minor, other.patch)

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}{'-tf' if self.is_tf_keras else ''}"


def parse_version(text: str) -> KerasVersion:
    """ "2.2.4-tf" -> KerasVersion(2, 2, True, 4); files without a version are older than 1.0.8."""
    match = re.match(r"(\d+)\.(\d+)(?:\.(\d+))?", text)
    if match is None:
        return KerasVersion(1, 0, patch=7)
    major, minor, patch = int(match[1]), int(match[2]), int(match[3] or 0)
    # Keras 2.4 and later is tf.keras: the separate package only forwards to it.
    return KerasVersion(major, minor, major == 2 and ("tf" in text or minor >= 4), patch)
