{# Gathers rows with their keys for score_stack, for those who come from the published recipe: an array that grows, under its
   name there. Every group has a state of its own. The function of array_agg would take a superuser, and no less time.
   variables: model #}
create or replace aggregate {{ model | ident }}.stack_rows({{ model | ident }}.stacked_row) (
  sfunc = pg_catalog.array_append,
  stype = {{ model | ident }}.stacked_row[]
)
