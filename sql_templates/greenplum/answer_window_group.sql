{# What score_windows answers for one chunk, see score_window_group; keys as texts, which are written in one way under all settings.
   variables: settings of the function #}
create or replace function export_model.answer_window_group(
  p_windows text, p_wanted text, p_order text, p_key text, p_keys anyarray, p_rows bytea, p_nowhere anyarray, p_tied anyarray, p_before integer,
  p_step integer)
returns table (key text, score text, label text)
language plpgsql stable
set search_path = pg_catalog, pg_temp
set datestyle = 'ISO'
set intervalstyle = 'postgres'
set extra_float_digits = 1
set bytea_output = 'hex'
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

begin
  return query select case when (s.x).key is null then null else format('%s', (s.x).key) end, (s.x).score, (s.x).label
    from (select export_model.score_window_group(p_windows, p_wanted, p_order, p_key, p_keys, p_rows, p_nowhere, p_tied, p_before, p_step) as x) s;
end
{% endset %}{{ source | body }}
