"""Two versions of a model over the same rows: their task, the measures, text and page."""
