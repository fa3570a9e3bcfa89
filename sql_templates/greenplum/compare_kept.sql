{# A query of what both versions give for all rows: see compare.
   variables: batches, the query that scores; versions, change, is_labelled and limit as for compare #}
with {{ batches }}
{% include 'compare_scored.sql' %}

