{# The server's own Python must find numpy.
   variables: none #}
do language plpython3u {% set source %}

import sys
try:
    import numpy
except Exception as error:
    plpy.error(
        "the server's Python cannot import numpy: {}".format(error),
        detail="Python {} with the path {}".format(sys.version.split()[0], sys.path),
        hint="On the database server, Debian and Ubuntu: apt-get install python3-numpy libopenblas0-pthread",
    )
{% endset %}{{ source | body }}
