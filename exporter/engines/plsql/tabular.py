"""Calls of the routines of nn_tables: ops over the columns of tables, and ops of texts.

A function here writes the call of one op, as the methods of Forward do for the others. What it
gives is of the type that graph.dtypes says: numbers of BINARY_DOUBLE, or texts.
"""

from __future__ import annotations

from exporter.engines.plsql.forward import Writers

WRITERS: Writers = {}
