{# A repair is of the version that was the champion when it was read.
   variables: model, version #}
do {% set source %}

begin
  if exists (select from export_model.models m join export_model.versions v on v.version = m.current_version and v.model = m.name
      where m.name = {{ model | literal }} and m.current_version <> {{ version | literal }}) then
    raise exception 'another version of model "%" became its champion meanwhile; nothing was mended', {{ model | literal }}
      using hint = 'Repair it again.';
  end if;
end
{% endset %}{{ source | body }}
