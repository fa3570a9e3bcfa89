{# The metrics of a version, which may be there already.
   variables: version; metrics, JSON in pieces #}
declare
  l_metrics clob;
begin
{% for piece in metrics %}
  l_metrics := l_metrics || ({{ piece | literal }});
{% endfor %}
  update export_model_versions set metrics = l_metrics where version = {{ version | literal }};
  commit;
end;
