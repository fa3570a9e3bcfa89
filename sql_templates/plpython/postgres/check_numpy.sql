{# The server's own Python must find numpy, and the server's function that tells who runs a statement: see keep in plpython/load.py.
   variables: none #}
do language plpython3u {% set source %}

import sys
try:
    import numpy
except Exception as error:
    plpy.error(
        "the server's Python cannot import numpy: {}".format(error),
        detail="Python {} with the path {}".format(sys.version.split()[0], sys.path),
        hint="On the database server, Debian and Ubuntu: apt-get install python3-numpy libopenblas0-pthread.",
    )
try:
    import ctypes
    ctypes.PyDLL(None).GetUserId
except Exception as error:
    plpy.error(
        "the server's Python cannot ask the server which role runs a statement: {}".format(error),
        hint="PL/Python needs a server whose program shows its functions to libraries, as on Linux, and Python's module ctypes.",
    )
{% endset %}{{ source | body }}
