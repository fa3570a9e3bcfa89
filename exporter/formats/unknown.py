"""Files that no format recognises: what they look like, and what to do with them.

A format that comes later takes away what it reads by recognising it; a kind of file that its users
confuse with it is one more line in LOOKS.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from exporter.errors import list_names
from exporter.formats.opening import ModelFile

if TYPE_CHECKING:  # format.py asks nothing of this file, but its record is what messages name
    from exporter.formats.format import Format

MAX_SHOWN = 5  # files of a directory in a message
BOM = b"\xef\xbb\xbf"
TORCH_MAGIC = b"\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."  # the number that torch.save pickled first
UNPACK = "Unpack it first"
DOWNLOAD = "Download the raw file"
AGAIN = "Check the address and download it again"
COPY = "Copy it again, and compare the file's size with the original's"
LOAD = "Load it where it was made, and save the model in a format that is read"


@dataclass(frozen=True)
class Look:
    """A kind of file: how it is told, what it is, what to do (LOAD where nothing else is said)."""

    fits: Callable[[ModelFile], bool]
    what: str
    advice: str = LOAD


def begins(*starts: bytes) -> Callable[[ModelFile], bool]:
    """Does a file begin with one of these?"""
    return lambda file: file.head.startswith(starts)


def says(*starts: bytes) -> Callable[[ModelFile], bool]:
    """The same for text, behind blanks and in any case; starts are in lower case."""
    return lambda file: file.head.removeprefix(BOM).lstrip().lower().startswith(starts)


def holds(*words: bytes) -> Callable[[ModelFile], bool]:
    """Does one of these stand near the beginning?"""
    return lambda file: any(word in file.head for word in words)


def has_member(pattern: str) -> Callable[[ModelFile], bool]:
    """Is it a zip archive with a member of such a name?"""
    return lambda file: any(re.fullmatch(pattern, name) for name in file.members)


def _is_onnx(file: ModelFile) -> bool:
    """A protocol buffer: ir_version 3 or more, then producer_name or the operators' version."""
    return re.match(rb"\x08[\x03-\x1f][\x12\x3a\x42]", file.head) is not None


def _is_text(file: ModelFile) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()  # a letter may be cut in two at the end
    try:
        text = decoder.decode(file.head, final=len(file.head) == file.size)
    except UnicodeDecodeError:
        return False
    return all(c.isprintable() or c in "\t\r\n\f\ufeff" for c in text)


# The first that fits is told, so what is sure stands before what is likely.
LOOKS = (
    Look(
        says(b"version https://git-lfs"),
        "a Git LFS pointer, not the model itself",
        "Run: git lfs pull",
    ),
    Look(says(b"<!doctype", b"<html", b"<head"), "a web page", DOWNLOAD),
    Look(holds(b"<PMML"), "PMML"),
    Look(says(b"<?xml"), "XML, as servers answer when they refuse", "Download the file again"),
    Look(says(b"404", b"not found"), "a server's error message", AGAIN),
    Look(begins(b"\x1f\x8b"), "gzip compressed", UNPACK),
    Look(begins(b"BZh"), "bzip2 compressed", UNPACK),
    Look(begins(b"\xfd7zXZ"), "xz compressed", UNPACK),
    Look(begins(b"\x28\xb5\x2f\xfd"), "zstd compressed", UNPACK),
    Look(begins(b"\x04\x22\x4d\x18"), "lz4 compressed", UNPACK),
    Look(begins(b"x\x01", b"x\x5e", b"x\x9c", b"x\xda"), "zlib compressed"),
    Look(begins(b"7z\xbc\xaf"), "a 7z archive", UNPACK),
    Look(lambda file: file.head[257:262] == b"ustar", "a tar archive", UNPACK),
    Look(begins(b"\x93NUMPY"), "an array of numpy"),
    Look(begins(b"PAR1"), "a Parquet file: a table, not a model"),
    Look(begins(b"GGUF", b"gguf"), "a GGUF file"),
    Look(lambda file: file.head[4:8] == b"TFL3", "a TensorFlow Lite file"),
    Look(begins(b"\x80\x02" + TORCH_MAGIC), "a file of PyTorch (torch.save of before 1.6)"),
    Look(
        begins(b"\x08\x01\x12"),
        "the program of a SavedModel (saved_model.pb)",
        "Name the directory that it lies in",
    ),
    Look(_is_onnx, "an ONNX file"),
    Look(
        lambda file: re.match(rb".{7}\0\{\s*\"", file.head[:64], re.S) is not None,
        "a safetensors file: weights without the network",
    ),
    Look(
        begins(b"CBM1"),
        "a CatBoost model in its binary form",
        "Load it in CatBoost, and save_model('model.json', format='json')",
    ),
    Look(
        lambda file: re.match(rb'booster\[\d+\]|\[\s*\{\s*"nodeid"', file.head) is not None,
        "a dump of XGBoost, without objective and base_score",
        "Save the model itself: save_model('model.json')",
    ),
    Look(
        says(b'{"name":"tree"'),
        "what LightGBM's dump_model gives, which LightGBM cannot load either",
        "Save the model itself: save_model('model.txt')",
    ),
    Look(
        lambda file: (
            begins(b"binf", b"bs64")(file)
            or (not says(b"{")(file) and holds(b"gbtree", b"gblinear")(file))
        ),
        "an XGBoost model in its old binary form",
        "Load it in the XGBoost that made it, and save_model('model.json')",
    ),
    Look(has_member(r"(.*/)?data\.pkl"), "a file of PyTorch (torch.save)"),
    Look(has_member(r".*\.npy"), "a zip archive of numpy's arrays (.npz)"),
    Look(
        has_member(r"config\.json"),
        "a zip archive with a config.json but no model.weights.h5",
    ),
    Look(lambda file: bool(file.members), "a zip archive without config.json"),
    Look(begins(b"PK\x05\x06"), "an empty zip archive, without config.json"),
    Look(begins(b"PK\x03\x04"), "a zip archive that is damaged or not complete", COPY),
    Look(
        lambda file: says(b"{", b"[")(file) and holds(b"class_name")(file),
        "JSON: a configuration without weights",
    ),
    Look(says(b"{", b"["), "JSON, but no model of a kind that is known"),
    Look(_is_text, "text"),
)


def describe_unknown(file: ModelFile, known: Sequence[Format]) -> str:
    """What a file that no format recognises is, what to do, and what can be read."""
    what, advice = _look_at(file, known)
    formats = "; ".join(f"{item.title}, saved by {item.saved_by}" for item in known)
    return f"{file.name} is {what}. {advice}. What is read: {formats}."


def _look_at(file: ModelFile, known: Sequence[Format]) -> tuple[str, str]:
    if file.content is None:
        suffixes = tuple(suffix for item in known for suffix in item.suffixes)
        files = sorted(item for item in file.path.iterdir() if item.name.endswith(suffixes))
        names = list_names([str(item) for item in files], MAX_SHOWN)
        advice = f"Name a file in it: {names}" if files else "Name a model file"
        return "a directory, not a model file", advice
    look = next((look for look in LOOKS if look.fits(file)), None)
    if look is None:
        return f"of no kind that is known (it begins with {file.head[:8]!r})", LOAD
    return look.what, look.advice
