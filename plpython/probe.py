"""What the server's Python is: a function's body in a database, with `return report` behind it.

Nothing of it stays in the database: the function is made in pg_temp and rolled back.
"""

import ctypes
import json
import os
import re
import sys

facts: dict = {
    "python": sys.version.split()[0],
    "prefix": sys.prefix,
    "path": sys.path,
    "numpy": None,
    "numpy_error": None,
    "numpy_file": None,
    "blas": [],
    "blas_threads": None,
}
try:
    import numpy

    facts["numpy"] = numpy.__version__
    facts["numpy_file"] = os.path.dirname(numpy.__file__)  # noqa: PTH120
    numpy.ones((2, 2), "f4") @ numpy.ones((2, 2), "f4")
    try:
        with open("/proc/self/maps") as maps:  # noqa: PTH123
            named = [str(line.split()[-1]) for line in maps if re.search("blas|mkl_rt|blis", line)]
    except OSError:
        named = []  # not Linux, or a chroot: numpy works, its BLAS is not seen
    facts["blas"] = sorted(os.path.realpath(name) for name in set(named) if name.startswith("/"))
    for name in facts["blas"]:
        library = ctypes.CDLL(name)
        for symbol in ("openblas_get_num_threads", "scipy_openblas_get_num_threads64_"):
            if hasattr(library, symbol):
                facts["blas_threads"] = getattr(library, symbol)()
except Exception as error:
    facts["numpy_error"] = f"{type(error).__name__}: {error}"

report = json.dumps(facts)
