{# The one step: from here on the model is this version.
   variables: synonym and package, their SQL names #}
create or replace synonym {{ synonym }} for {{ package }}
