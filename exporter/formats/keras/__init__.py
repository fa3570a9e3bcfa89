"""Keras files of any generation become a Graph; nothing below this package knows Keras."""

from exporter.formats.keras.model import read

__all__ = ["read"]
