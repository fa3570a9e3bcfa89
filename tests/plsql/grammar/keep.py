"""Write verdicts.json: what the grammar says of all texts of this commit.

    python -m plsql.grammar.keep  # in tests/, after a change of what is generated for Oracle

Without that, tests have what has changed read, for up to half a minute.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from plsql.grammar.checker import keep
from plsql.grammar.test_grammar import generated
from plsql.grammar.test_mutants import broken_statements, small_script

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        broken = broken_statements(small_script(Path(folder)))
    keep([generated(), broken])
