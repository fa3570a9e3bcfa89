{# Refuse to read what a caller names inside a query that segments, or a helper process of the coordinator, run: nobody
   asks there whether he may, and tables lie on several segments.
   variables: settings of the function #}
create or replace function export_model.check_place()
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

begin
  if current_setting('gp_role', true) = 'execute' then
    raise exception 'score_table and label_table read a whole table, which no function can do inside a query that runs on segments'
      using errcode = 'feature_not_supported', hint = 'Keep the scores first, in a statement of their own: call'
        ' MODEL.score_into(''SOURCE'', ''KEY'', ''pg_temp.scores''); then use that table in the query. Or score'
        ' the rows in the query itself, with score or score_batch.';
  end if;
end
{% endset %}{{ source | body }}
