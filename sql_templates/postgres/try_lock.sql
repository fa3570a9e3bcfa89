{# One deployment at a time: whether it is this one's turn. Anybody may hold that lock. name is what others see of us.
   variables: name #}
select pg_try_advisory_xact_lock(7307497, 1), set_config('application_name', {{ name | literal }}, true)
