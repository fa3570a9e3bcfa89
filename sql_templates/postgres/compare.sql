{# A cursor over what two versions of a model give for the same rows: (section, words, numbers), first a row 'batch' whenever
   some are scored, then all that is known of them. One statement, so that both see one snapshot and nothing has to be made to keep
   scores in; batches and scored spill to files of PostgreSQL's beyond work_mem. All is qualified, because the source is read under
   the caller's search_path.
   variables: batches, the query that scores; versions: of each its number, raw, its scores of a batch b, one a row, shares, those
   of classes in the order of all, of r, score and reach, what is compared and the largest number in it, of q; change, how far both
   are apart, of t; is_labelled, whether a row needs both labels; limit, a number that scores stay below; sections, queries #}
declare export_model_compare no scroll cursor for
with recursive {{ batches }}, scored as materialized (
{% include 'compare_scored.sql' %}

)
{{ sections }}
