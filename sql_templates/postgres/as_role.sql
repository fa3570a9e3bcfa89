{# How one works with what belongs to a plain role, which others can neither use nor mend: a text.
   A name that needs quotes would need them for the shell and for libpq, too.
   variables: none; r is the row of pg_roles #}
      format('connect as role %I', r.rolname) || case when r.rolname ~ '^[a-z_][a-z0-9_]*$'
        then format(', or as a member of it with PGOPTIONS=''-c role=%s''', r.rolname) else '' end
