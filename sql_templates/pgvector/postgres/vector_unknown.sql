{# Refuse what is none of a column's categories.
   variables: none #}
create or replace function export_model.vector_unknown(p_x text, p_count integer)
returns double precision
language plpgsql immutable parallel safe
as {% set source %}

begin
  raise exception '% is none of the % categories of its column', coalesce(p_x, 'None'), p_count
    using errcode = 'invalid_parameter_value';
end
{% endset %}{{ source | body }}
