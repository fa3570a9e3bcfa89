{# One deployment at a time: whether it is this one's turn. Anybody may hold that lock. name is what others see of us. The settings are those of settings, which a script begins with.
   variables: name #}
select pg_try_advisory_xact_lock(7307497, 1), set_config('application_name', {{ name | literal }}, true),
  set_config('client_encoding', 'UTF8', true), set_config('standard_conforming_strings', 'on', true), set_config('client_min_messages', 'warning', true)
