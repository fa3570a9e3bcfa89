"""The formats of model files that can be read, a folder each."""
