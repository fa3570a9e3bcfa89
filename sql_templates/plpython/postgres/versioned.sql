{# One version's function: never changes, so it is immutable. On the first call of a session it loads
   the weights, with the owner's rights, so that those who score need none on the registry. With is_kept it is what the functions of
   users call: p_kept is which version the statement keeps, see kept, and empty but for statements during which the versions were
   switched; it is stable then, so that no plan holds its result. The caller may have written it: what runs here with the owner's rights is the
   owner's own, or a superuser's.
   variables: model, version; function, its name; method, score or label; arguments, p1, p2, ...; call, of what runs it, SQL; returns, an SQL
   type; is_kept #}
create or replace function {{ model | ident }}.{{ function | ident }}(
{%- for argument in arguments %}{{ argument }} bytea{% if not loop.last %}, {% endif %}{% endfor -%}
{% if is_kept %}, p_kept text{% endif %})
returns {{ returns }}
language plpgsql {% if is_kept %}stable{% else %}immutable{% endif %} strict parallel safe security definer
as {% set source %}

declare
{% if is_kept %}
  l_digits pg_catalog.text;
{% endif %}
  l_result {{ returns }};
begin
{% if is_kept %}
  if p_kept operator(pg_catalog.<>) '' then
    l_digits := export_model.kept_digits({{ version[:12] | literal }}, p_kept);
    if l_digits operator(pg_catalog.<>) {{ version[:12] | literal }} then
      if not exists (
        select from pg_catalog.pg_proc p join pg_catalog.pg_roles r on r.oid operator(pg_catalog.=) p.proowner
        where p.oid operator(pg_catalog.=) pg_catalog.to_regprocedure(pg_catalog.format('%I.%I({% for argument in arguments %}pg_catalog.bytea{% if not loop.last %}, {% endif %}{% endfor %})', {{ model | literal }}, {{ (method ~ "_") | literal }} operator(pg_catalog.||) l_digits))
          and (r.rolsuper or r.rolname operator(pg_catalog.=) current_user)
      ) then
        raise exception '%', pg_catalog.format('%I has no function %I of its owner''s', {{ model | literal }}, {{ (method ~ "_") | literal }} operator(pg_catalog.||) l_digits)
          using errcode = 'undefined_function';
      end if;
      execute pg_catalog.format('select %I.%I({% for argument in arguments %}${{ loop.index | number }}{% if not loop.last %}, {% endif %}{% endfor %})', {{ model | literal }}, {{ (method ~ "_") | literal }} operator(pg_catalog.||) l_digits)
        into l_result using {{ arguments | comma }};
      return l_result;
    end if;
  end if;
{% endif %}
  l_result := {{ call }};
  if l_result is null and not export_model.holds({{ version | literal }}) then
    perform export_model.load({{ version | literal }});
    l_result := {{ call }};
  end if;
  return l_result;
end
{% endset %}{{ source | body }}
