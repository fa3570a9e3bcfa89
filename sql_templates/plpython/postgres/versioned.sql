{# One version's function: never changes, so it is immutable. On the first call of a session it loads
   the weights, with the owner's rights, so that those who score need none on the registry.
   variables: model, version; function, its name; arguments, p1, p2, ...; call, of what runs it, SQL; returns, an SQL type #}
create or replace function {{ model | ident }}.{{ function | ident }}(
{%- for argument in arguments %}{{ argument }} bytea{% if not loop.last %}, {% endif %}{% endfor -%}
)
returns {{ returns }}
language plpgsql immutable strict parallel safe security definer
as {% set source %}

declare
  l_result {{ returns }};
begin
  l_result := {{ call }};
  if l_result is null and not export_model.holds({{ version | literal }}) then
    perform export_model.load({{ version | literal }});
    l_result := {{ call }};
  end if;
  return l_result;
end
{% endset %}{{ source | body }}
