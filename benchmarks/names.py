"""What is compared, by name."""

from __future__ import annotations

LIMIT = "numpy alone"
TABLE_FUNCTION = "score_table"
AGGREGATE = "score_batch"
COMMAND = "command"
ROW_BY_ROW = "row by row"
RECIPE = "published recipe"
CLIENT_NUMPY = "client, numpy"
CLIENT_TENSORFLOW = "client, TensorFlow"
FORMS = {
    LIMIT: "arrays in memory, batches of 4,096, one thread: the yardstick",
    TABLE_FUNCTION: "select count(score) from NAME.score_table(...)",
    AGGREGATE: "array_agg(id), string_agg(NAME.pack(...), '') by 4,096 ids, then NAME.score_batch",
    COMMAND: "export-model score --into ..., one job a core; writes",
    ROW_BY_ROW: "select count(NAME.score(...)); parallel plan on 2 cores",
    RECIPE: "PL/Python aggregate that appends lists, then a score function, both with numpy",
    CLIENT_NUMPY: "psycopg2 fetch, numpy, COPY back; writes",
    CLIENT_TENSORFLOW: "psycopg2 fetch, Keras predict in batches of 8,192, COPY back; writes",
}  # fmt: skip
"""What is compared, in the order of tables and charts."""
