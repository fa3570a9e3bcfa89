"""What is said about a version when it is deployed, beside the model itself."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from exporter.errors import SignatureError
from exporter.manifest import UNREADABLE, parse_stored

MAX_TEXT = 2000  # characters of a reason
MAX_METRICS = 200


@dataclass(frozen=True)
class Release:
    """How a version comes into a database: whether it becomes the champion, the version that the
    model's functions belong to; metrics by name; because, the reason that the journal keeps; and
    the roles that may score, beside those that may already. is_repair: it is the champion that was
    read from the registry, unless another became it meanwhile."""

    is_promoted: bool = True
    metrics: Mapping[str, Any] = field(default_factory=dict)
    because: str | None = None
    grants: tuple[str, ...] = ()
    is_repair: bool = False

    def __post_init__(self) -> None:
        check_reason(self.because)
        check_metrics(self.metrics)
        for role in self.grants:
            if not isinstance(role, str) or not role.strip():
                raise SignatureError(f"grant: {role!r} is no role; give a list of names.")

    @property
    def metrics_json(self) -> str | None:
        """The metrics as JSON; None without any."""
        return json.dumps(self.metrics, allow_nan=False) if self.metrics else None


def check_reason(because: Any) -> None:
    """Raise SignatureError for a reason that is no text, empty or too long to be read."""
    if because is None:
        return
    if not isinstance(because, str) or not because.strip():
        raise SignatureError(f"because is {because!r}; give a sentence, or leave it out.")
    if len(because) > MAX_TEXT or "\0" in because:
        raise SignatureError(f"because is a text of at most {MAX_TEXT} characters.")


def check_metrics(metrics: Any) -> None:
    """Raise SignatureError for metrics that are not numbers, texts or truth values by name."""
    if not isinstance(metrics, Mapping) or len(metrics) > MAX_METRICS:
        raise SignatureError(
            f"metrics are a mapping of at most {MAX_METRICS} names, as {{'auc': 0.91}}."
        )
    for name, value in metrics.items():
        if not isinstance(name, str) or not name.strip() or "\0" in name:
            raise SignatureError(f"metrics: {name!r} is no name of a metric.")
        if not isinstance(value, (int, float, str)) or "\0" in str(value):
            raise SignatureError(f"metric {name} is {value!r}; give a number or a text.")
        if isinstance(value, float) and not math.isfinite(value):
            raise SignatureError(f"metric {name} is {value}; give a number that is finite.")


def read_metrics(metrics: str | None) -> dict[str, Any]:
    """Metrics as a row of a registry holds them; none where it holds something else."""
    try:
        found: dict[str, Any] = {} if metrics is None else parse_stored(metrics)
        check_metrics(found)
    except (*UNREADABLE, SignatureError):
        return {}
    return found
