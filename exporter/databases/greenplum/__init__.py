"""Greenplum 6 and 7: what differs from PostgreSQL when a model scores on every segment."""
