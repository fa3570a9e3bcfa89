"""Keras files of every version, read into a Graph without Keras."""
