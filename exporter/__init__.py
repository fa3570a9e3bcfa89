"""Generator of in-database scoring extensions: a trained network becomes SQL functions."""

__version__ = "0.1.0"
