{# The Python of the coordinator and of every segment must find numpy.
   variables: none #}
do {% set source %}

declare
  l_place record;
begin
  create or replace function pg_temp.export_model_numpy() returns text language plpython3u volatile as '
import sys
try:
    import numpy
except Exception as error:
    return "Python {} with the path {}: {}".format(sys.version.split()[0], sys.path, error)
';
  for l_place in
    select -1 as segment, pg_temp.export_model_numpy() as problem
    union all
    select gp_execution_segment(), pg_temp.export_model_numpy() from gp_dist_random('gp_id')
  loop
    if l_place.problem is not null then
      raise exception 'Python cannot import numpy on %',
          case when l_place.segment < 0 then 'the coordinator' else 'segment ' || l_place.segment end
        using detail = l_place.problem,
          hint = 'Install it for that Python on every host: the package python3-numpy, or pip install numpy.';
    end if;
  end loop;
  drop function pg_temp.export_model_numpy();
end
{% endset %}{{ source | body }}
