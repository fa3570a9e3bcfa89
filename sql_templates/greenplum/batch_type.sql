{# The type of the numbers or texts in which a batch gives scores of a type, see group_query.
   variables: settings of the function #}
create or replace function export_model.batch_type(p_type regtype)
returns regtype
language sql immutable strict
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

select case when p_type in ('real'::regtype, 'double precision'::regtype) then p_type else 'text'::regtype end
{% endset %}{{ source | body }}
