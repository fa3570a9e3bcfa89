"""The published recipe for scoring inside a database, in our own words.

An aggregate in PL/Python is called for every row, gets the row as a Python list and appends it to
what lies in the session's memory; a second function then scores the list of lists and gives back
one array a row, without keys. As published there is one group a Greenplum segment, so one for all
rows here. The original calls Keras inside the server; here the same plain numpy scores as
everywhere in these benchmarks, in batches that fit the caches, which is faster.

Source: Pivotal Engineering Journal, Scoring at Scale with Keras and TensorFlow on Greenplum.
"""

from __future__ import annotations

from pathlib import Path

from exporter.sql.text import body, literal

APPEND = """
if key is None:
    GD["stacked"] = []
GD["stacked"].append(features)
return "stacked"
"""

FINISH = """
if "model" not in SD:
    SD["model"] = load(path)
rows = np.array(GD.pop(key), np.float32)
return score(SD["model"], rows).tolist()
"""

SELECT = """
with gathered as (select recipe.stack(array['features'], ({row})::float8[]) as key from {table})
select {what} from (select recipe.score({model}, key) as scores from gathered) s
"""


def install() -> list[str]:
    """Statements that make the recipe's schema."""
    plain = Path(__file__).with_name("plain.py").read_text(encoding="utf-8")
    code = plain.partition('if __name__ == "__main__":')[0]
    return [
        "drop schema if exists recipe cascade",
        "create schema recipe",
        "create function recipe.append(key text, header text[], features float8[]) returns text"
        f" language plpython3u as {body(APPEND)}",
        "create aggregate recipe.stack(text[], float8[]) (sfunc = recipe.append, stype = text)",
        "create function recipe.score(path text, key text) returns setof float8[]"
        f" language plpython3u as {body(code + FINISH)}",
    ]


def query(table: str, row: str, model: Path, what: str = "count(scores)") -> str:
    """Score all rows of a table: row is an array in SQL, what is an aggregate of the scores."""
    return SELECT.format(row=row, model=literal(str(model)), table=table, what=what)
