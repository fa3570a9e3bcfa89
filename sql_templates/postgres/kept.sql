{# Which version a statement keeps that is planned with the functions of p_version: '' for that one, else the one that the champion, or
   p_alias, is in the statement's own snapshot, and the time of the statement. PostgreSQL looks functions up in the catalog as it is at that
   moment, one after another, and a switch can be committed between two of them; rows come from one snapshot. Declared immutable so that it is
   asked when the statement is planned, and costs its rows nothing: the answer holds for the statement of that time alone, see kept_digits, and a
   plan is made again when the functions are replaced. Where the two take or give something else, or the other is gone, the functions decide.
   variables: none #}
create or replace function export_model.kept(p_model text, p_alias text, p_version text)
returns text
language plpgsql immutable strict parallel safe security definer
as {% set source %}

declare
  l_version pg_catalog.text;
begin
  if p_alias operator(pg_catalog.=) '' then
    select m.current_version into l_version from export_model.models m where m.name operator(pg_catalog.=) p_model;
  else
    select a.version into l_version from export_model.aliases a
      where a.model operator(pg_catalog.=) p_model and a.alias operator(pg_catalog.=) p_alias;
  end if;
  if l_version is null or l_version operator(pg_catalog.=) p_version then
    return '';
  end if;
  perform from export_model.versions f, export_model.versions k
    where f.version operator(pg_catalog.=) p_version and f.model operator(pg_catalog.=) p_model
      and k.version operator(pg_catalog.=) l_version and k.model operator(pg_catalog.=) p_model
      and f.engine operator(pg_catalog.=) k.engine and f.inputs operator(pg_catalog.=) k.inputs
      and f.outputs operator(pg_catalog.=) k.outputs and f.features operator(pg_catalog.=) k.features
      and (pg_catalog.cardinality(f.labels) operator(pg_catalog.=) 0) operator(pg_catalog.=) (pg_catalog.cardinality(k.labels) operator(pg_catalog.=) 0);
  if not found or pg_catalog.to_regproc(
      pg_catalog.format('%I.%I', p_model, 'batch_' operator(pg_catalog.||) pg_catalog.left(l_version, 12))) is null then
    return '';
  end if;
  return pg_catalog.format('%s %s', l_version, {% include 'statement_time.sql' %});
end
{% endset %}{{ source | body }}
