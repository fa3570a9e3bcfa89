{# The version's row is there by now, unless one of another role's, which this role does not see, is in its place.
   variables: model, version #}
do {% set source %}

begin
  if not exists (select from export_model.versions where version = {{ version | literal }}) then
    raise exception 'the registry holds this version, of model "%", under a model of another role', {{ model | literal }}
      using errcode = 'unique_violation',
        hint = 'Versions are told apart by their digests, and whose that row is only a superuser sees, who can remove it: '
          || {{ ("delete from export_model.versions where version = '" ~ version ~ "'") | literal }};
  end if;
end
{% endset %}{{ source | body }}
