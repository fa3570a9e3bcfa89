"""PL/pgSQL and pgvector: an engine that any server has whose owner gives no PL/Python."""
