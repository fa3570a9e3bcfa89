"""scikit-learn as one record: fitted estimators in files of joblib, pickle and skops."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from exporter.formats.format import Format
from exporter.formats.sklearn.framework import expect, save
from exporter.formats.sklearn.joblib import STARTS, unpack_start
from exporter.formats.sklearn.lowering import ESTIMATORS
from exporter.formats.sklearn.model import read
from exporter.formats.sklearn.skops import SCHEMA
from exporter.formats.zipped import ZIP_STARTS

HEAD_BYTES = 4096
BINARY = tuple(bytes([0x80, protocol]) for protocol in range(2, 6))
TEXT = re.compile(rb"\(?[ci][\w.]+\n[\w.]+\n|[(\]}](?:[dlt]p?\d*\n|[(q\x8c])|ZF0x")


def recognise(path: Path) -> bool:
    """A pickle of any protocol, also compressed as joblib does, or a zip with skops' schema."""
    if not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
        if head.startswith(ZIP_STARTS):
            with zipfile.ZipFile(path) as archive:
                return SCHEMA in archive.NameToInfo
    except (OSError, zipfile.BadZipFile):
        return False
    if head.startswith(STARTS):
        head = unpack_start(head)
    return head.startswith(BINARY) or TEXT.match(head) is not None


SKLEARN = Format(
    name="sklearn",
    title="scikit-learn",
    recognise=recognise,
    read=read,
    expect=expect,
    save=save,
    layers=ESTIMATORS,
)
