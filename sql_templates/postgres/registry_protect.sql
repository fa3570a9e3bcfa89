{# Weights and samples are for the owner only; the scoring functions read them in his name.
   variables: none #}
revoke all on all tables in schema export_model from public
