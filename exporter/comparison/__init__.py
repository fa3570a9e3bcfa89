"""Two versions of a model over the same rows: what can be compared, the measures, and how they are shown."""
