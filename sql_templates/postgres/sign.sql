{# Write beside each function what made it, so that it can be told later whether it is still that: see functions.
   variables: schemas; made, each with identity and digest of the statement; program, the digest of what makes functions #}
do {% set source %}

declare
  l_made record;
begin
  for l_made in
    select f.id::regprocedure as function, obj_description(f.id, 'pg_proc') as there,
      format('export-model %s %s %s %s', {{ program | literal }}, w.digest, f.state,
        case f.schema when 'export_model' then '' else f.schema end) as sign
    from (values
{% for function in made %}
      ({{ function.identity | literal }}, {{ function.digest | literal }}){% if not loop.last %},{% endif %}

{% endfor %}
    ) as w (identity, digest)
    join (
{% include 'functions.sql' %}

    ) f on f.function = replace(w.identity, '"', '')
  loop
    if l_made.there is distinct from l_made.sign then
      execute 'comment on routine ' || l_made.function || format(' is %L', l_made.sign);
    end if;
  end loop;
end
{% endset %}{{ source | body }}
