{# Make the primary key that postpone_key left for later. A row that moved while its table was read may be there twice: its first score stays,
   as it does where the key is there. Readers of the table are waited for, but not without an end, unless somebody said how long. Returns how
   many rows were deleted because of that.
   variables: settings of the function; guards, calls that refuse where it may not run #}
create or replace function export_model.make_key(p_target regclass)
returns bigint
language plpgsql volatile strict
set search_path = pg_catalog, pg_temp
{% for setting in settings %}
set {{ setting }}
{% endfor %}
as {% set source %}

declare
  l_target constant text := export_model.full_name(p_target);
  l_owner name;
  l_key constant text := format('alter table %s add primary key (key, model_version)', l_target);
  l_deleted bigint := 0;
  l_cause text;
  l_longest text;
  l_bytes integer;
begin
{% for guard in guards %}
  perform {{ guard }};
{% endfor %}
  perform export_model.lock_target(p_target), export_model.refuse_code(p_target);
  if exists (select from pg_index i where i.indrelid = p_target and i.indisprimary) then
    -- Made by hand, perhaps: what the comment says is over, and who may say so does.
    if obj_description(p_target, 'pg_class') = export_model.key_mark()
        and (select pg_has_role(c.relowner, 'usage') from pg_class c where c.oid = p_target) then
      execute format('comment on table %s is null', l_target);
    end if;
    return l_deleted;
  end if;
  select pg_get_userbyid(c.relowner) into l_owner from pg_class c where c.oid = p_target and not pg_has_role(c.relowner, 'usage');
  if l_owner is not null then
    raise exception 'table % has no primary key yet: a run of role "%" ended before it was made', l_target, l_owner
      using errcode = 'insufficient_privilege',
        hint = format('Have that role give the command of that run again, or run: %s;', l_key);
  end if;
  if current_setting('lock_timeout') = '0' then
    perform set_config('lock_timeout', '60s', true);
  end if;
  begin
    begin
      execute l_key;
    exception when unique_violation then
      -- Where deletions are published, a table without a key must say what tells its rows apart.
      execute format('alter table %s replica identity full', l_target);
      -- Only here: rows of a child, should it have got one, have places of their own.
      execute format('delete from only %1$s t using (select u.ctid as place, row_number() over (partition by u.key, u.model_version'
        ' order by u.scored_at, u.ctid) as n from only %1$s u) d where t.ctid = d.place and d.n > 1', l_target);
      get diagnostics l_deleted = row_count;
      execute format('alter table %s replica identity default', l_target);
      execute l_key;
    end;
  exception when program_limit_exceeded or not_null_violation then  -- a row that came behind open_scoring, or by hand
    l_cause := sqlstate;
    execute format('select left(nullif(concat(key), ''''), 40), octet_length(concat(key)) from only %s order by key is not null and model_version is not null,'
      ' octet_length(concat(key)) desc limit 1', l_target) into l_longest, l_bytes;
    raise exception 'table % can have no primary key: key "%" %', l_target, coalesce(l_longest, 'NULL'),
        case when l_cause = '54000' then format('is of %s bytes, which is too long', l_bytes) else 'or its model_version is NULL' end
      using errcode = l_cause, hint = 'Delete such rows, and give the command of the run again.';
  end;
  if obj_description(p_target, 'pg_class') = export_model.key_mark() then
    execute format('comment on table %s is null', l_target);
  end if;
  return l_deleted;
end
{% endset %}{{ source | body }}
