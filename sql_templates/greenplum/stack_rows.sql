{# Gathers rows with their keys for score_stack, for those who come from the published recipe: array_agg under its
   name there. Every group has a state of its own.
   variables: model #}
create or replace aggregate {{ model | ident }}.stack_rows({{ model | ident }}.stacked_row) (
  sfunc = pg_catalog.array_agg_transfn,
  stype = internal,
  finalfunc = pg_catalog.array_agg_finalfn,
  finalfunc_extra
)
