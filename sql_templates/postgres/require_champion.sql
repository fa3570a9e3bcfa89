{# A version beside the champion needs one, which is another.
   variables: model, version #}
do {% set source %}

begin
  if not exists (select from export_model.models where name = {{ model | literal }}) then
    raise exception 'there is no model "%" yet, and its first version is its champion', {{ model | literal }}
      using hint = 'Deploy it without --no-promote.';
  end if;
  if exists (select from export_model.models where name = {{ model | literal }} and current_version = {{ version | literal }}) then
    raise exception 'this version is the champion of model "%"', {{ model | literal }} using hint = 'Deploy it without --no-promote.';
  end if;
end
{% endset %}{{ source | body }}
