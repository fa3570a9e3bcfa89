"""The databases that hold models, a folder each: script, connection, registry, scoring, checks."""
