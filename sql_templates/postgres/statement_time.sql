{# When the client sent the statement that runs, in microseconds since 1970: the same in all that it calls, workers of its plan among them.
   variables: none #}
(pg_catalog.date_part('epoch', pg_catalog.statement_timestamp()) operator(pg_catalog.*) 1e6)::pg_catalog.int8