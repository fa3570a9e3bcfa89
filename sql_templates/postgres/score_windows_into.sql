{# Score the windows over the rows of a table, view or query into a table that this makes or fills; each run goes on where the one before
   it ended.
   variables: model; function, its name; parameters, SQL; scorer, the function that tells about the version #}
create or replace procedure {{ model | ident }}.{{ function | ident }}({{ parameters | comma }})
language plpgsql
as {% set source %}

begin
  call export_model.score_windows_into({{ model | ident }}.{{ scorer | ident }}(), source, key, partition_by, order_by, target, step,
    max_gap::pg_catalog.text, pg_catalog.pg_typeof(max_gap), columns);
end
{% endset %}{{ source | body }}
