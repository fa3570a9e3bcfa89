{# One deployment at a time: a second one waits here, then sees what the first one did.
   variables: none #}
do {% set source %}

begin
  perform pg_catalog.pg_advisory_xact_lock(7307497, 1);
end
{% endset %}{{ source | body }}
