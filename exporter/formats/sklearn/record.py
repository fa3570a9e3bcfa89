"""scikit-learn as one record: fitted estimators in files of joblib, pickle and skops."""

from __future__ import annotations

import re

from exporter.formats.format import Format, Framework
from exporter.formats.opening import ModelFile
from exporter.formats.sklearn.framework import ask, save
from exporter.formats.sklearn.joblib import STARTS, unpack_start
from exporter.formats.sklearn.lowering import ESTIMATORS
from exporter.formats.sklearn.model import read
from exporter.formats.sklearn.skops import SCHEMA

TORCH = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."  # what torch.save began with before 1.6
BINARY = tuple(bytes([0x80, protocol]) for protocol in range(2, 6))
TEXT = re.compile(rb"\(?[ci][\w.]+\n[\w.]+\n|[(\]}](?:[dlt]p?\d*\n|[(q\x8c])|ZF0x")


def recognise(file: ModelFile) -> bool:
    """A pickle of any protocol, also compressed as joblib does, or a zip with skops' schema."""
    head = unpack_start(file.head) if file.head.startswith(STARTS) else file.head
    if head.startswith(TORCH):
        return False
    return SCHEMA in file.members or head.startswith(BINARY) or TEXT.match(head) is not None


SKLEARN = Format(
    name="sklearn",
    title="scikit-learn",
    suffixes=(".joblib", ".pkl", ".pickle", ".skops"),
    saved_by="joblib.dump(pipeline, 'model.joblib') or skops.io.dump(pipeline, 'model.skops')",
    part="step",
    recognise=recognise,
    read=read,
    framework=Framework(
        "scikit-learn", lambda file, rows: ask(file, read(file), rows), executes=True
    ),
    save=save,
    layers=ESTIMATORS,
)
