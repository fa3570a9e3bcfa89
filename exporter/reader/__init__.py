"""Keras files of any generation become a Graph; nothing below this package knows Keras."""

from exporter.reader.model import read

__all__ = ["read"]
