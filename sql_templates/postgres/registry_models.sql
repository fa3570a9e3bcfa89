{# One row a deployed name.
   variables: none #}
create table if not exists export_model.models (
  name text primary key,
  current_version text not null,
  created_at timestamp with time zone not null default current_timestamp
)
