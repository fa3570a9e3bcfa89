"""PostgreSQL 12 and later: a model is a schema, its registry the schema export_model."""
