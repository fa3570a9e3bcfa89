{# Internal functions are for the owner only.
   variables: none #}
revoke all on function export_model.load(text), export_model.loaded(text), export_model.drop_model(text) from public
