{# Say which key is too long, and what to do.
   variables: settings of the function #}
create or replace function export_model.refuse_key_length(p_key text, p_value text, p_bytes integer)
returns void
language plpgsql stable strict
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

begin
  raise exception 'the key "%..." is too long: it has % bytes, and an index is sure to take %', left(p_value, 40), p_bytes,
      export_model.longest_key()
    using errcode = 'program_limit_exceeded', hint = format('Scores are stored by %1$I. Score a query that gives a shorter one:'
      ' select md5(%1$I::text) as %1$I, ...', p_key);
end
{% endset %}{{ source | body }}
