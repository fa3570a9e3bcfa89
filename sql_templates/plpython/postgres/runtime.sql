{# The kernels: the parts in plpython/ joined is the body of this function, which loads one model
   into the session. It never queries the database: everything comes as arguments, or as weights that were collected.
   It stays where it is as it was made: made again, the same text would be compiled again in every session.
   variables: runtime, the function's name; runtime_text, the file; function, its name with argument types as functions has it;
   schemas, the registry's alone #}
{% set statement %}

create or replace function export_model.{{ runtime | ident }}(
  version text, plan text, weights bytea default null)
returns void
language plpython3u volatile parallel restricted
as {{ runtime_text | body }}
{% endset %}
do {% set source %}

begin
  perform from (
{% include 'functions.sql' %}

  ) f where f.function = {{ function | literal }} and f.signed = f.state;
  if not found then
    execute {{ statement | body }};
  end if;
end
{% endset %}{{ source | body }}
