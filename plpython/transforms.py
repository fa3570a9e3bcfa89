"""Kernels that compute new numbers of columns: powers, quantiles, products, splines."""

import numpy as np

from plpython.tables import kernel


@kernel
def power_transform(method, lambdas):
    """The transform of Yeo and Johnson, or of Box and Cox, column by column.

    Shapes: x (rows, n), lambdas (n,) -> y (rows, n).
    """

    def call(x):
        y = np.empty(x.shape, x.dtype)
        for place, exponent in enumerate(lambdas.tolist()):
            column = x[:, place]
            if method == "box-cox":
                y[:, place] = np.where(column > 0, _power(np.log(column), exponent), np.nan)
                continue
            above = _power(np.log1p(np.maximum(column, 0)), exponent)
            below = _power(np.log1p(-np.minimum(column, 0)), 2 - exponent)
            y[:, place] = np.where(column >= 0, above, -below)
        return y

    return call


def _power(logarithm, exponent):
    """(x ** exponent - 1) / exponent from log(x), and its limit for an exponent of 0."""
    if abs(exponent) < np.spacing(1.0):
        return logarithm
    return np.expm1(exponent * logarithm) / exponent


@kernel
def quantile_transform(quantiles, references, is_normal):
    """Where x stands among its column's quantiles, or the normal distribution's quantile there.

    Shapes: x (rows, n), quantiles (k, n), references (k,) -> y (rows, n).
    """
    margin = 1e-7
    clip_high = normal_quantile(np.array(1 - (margin - np.spacing(1))))
    clip_low = normal_quantile(np.array(margin - np.spacing(1)))

    def call(x):
        y = np.empty(x.shape, x.dtype)
        for place in range(x.shape[1]):
            column, known = x[:, place], quantiles[:, place]
            up = np.interp(column, known, references)
            down = np.interp(-column, -known[::-1], -references[::-1])
            result = np.where(np.isnan(column), np.nan, 0.5 * (up - down))
            slack = margin if is_normal else 0
            is_last = column + slack > known[-1] if is_normal else column == known[-1]
            is_first = column - slack < known[0] if is_normal else column == known[0]
            result[is_last] = 1
            result[is_first] = 0
            if is_normal:
                result = np.clip(normal_quantile(result), clip_low, clip_high)
            y[:, place] = result
        return y

    return call


NORMAL_CENTRE = (
    (-59.9633501014107895267, 98.0010754185999661536, -56.6762857469070293439,
     13.9312609387279679503, -1.23916583867381258016),
    (1.0, 1.95448858338141759834, 4.67627912898881538453, 86.3602421390890590575,
     -225.462687854119370527, 200.260212380060660359, -82.0372256168333339912,
     15.9056225126211695515, -1.18331621121330003142),
)  # fmt: skip
NORMAL_SIDE = (
    (4.05544892305962419923, 31.5251094599893866154, 57.1628192246421288162,
     44.0805073893200834700, 14.6849561928858024014, 2.18663306850790267539,
     -0.140256079171354495875, -0.0350424626827848203418, -0.000857456785154685413611),
    (1.0, 15.7799883256466749731, 45.3907635128879210584, 41.3172038254672030440,
     15.0425385692907503408, 2.50464946208309415979, -0.142182922854787788574,
     -0.0380806407691578277194, -0.000933259480895457427372),
)  # fmt: skip
NORMAL_TAIL = (
    (3.23774891776946035970, 6.91522889068984211695, 3.93881025292474443415,
     1.33303460815807542389, 0.201485389549179081538, 0.0123716634817820021358,
     0.000301581553508235416007, 2.65806974686737550832e-6, 6.23974539184983293730e-9),
    (1.0, 6.02427039364742014255, 3.67983563856160859403, 1.37702099489081330271,
     0.216236993594496635890, 0.0134204006088543189037, 0.000328014464682127739104,
     2.89247864745380683936e-6, 6.79019408009981274425e-9),
)  # fmt: skip


def normal_quantile(p):
    """The number below which a normally distributed one is with probability p.

    Source: Cephes Math Library, ndtri, by Moshier; within a few units in the last place.
    """
    p = np.asarray(p, np.float64)
    upper = p > 1 - 0.13533528323661269189
    tail = np.where(upper, 1 - p, p)
    centre = tail - 0.5
    square = centre * centre
    inner = np.polyval(NORMAL_CENTRE[0], square) / np.polyval(NORMAL_CENTRE[1], square)
    middle = (centre + centre * (square * inner)) * 2.50662827463100050242
    with np.errstate(all="ignore"):
        x = np.sqrt(-2.0 * np.log(tail))
        z = 1.0 / x
        side = np.polyval(NORMAL_SIDE[0], z) / np.polyval(NORMAL_SIDE[1], z)
        far = np.polyval(NORMAL_TAIL[0], z) / np.polyval(NORMAL_TAIL[1], z)
        outer = (x - np.log(x) / x) - z * np.where(x < 8, side, far)
    outer = np.where(upper, outer, -outer)
    y = np.where(tail > 0.13533528323661269189, middle, outer)
    return np.where(p == 0, -np.inf, np.where(p == 1, np.inf, y))


@kernel
def products(places):
    """y = the products of columns of x, one for each list of places; -1 is the number 1.

    Shapes: x (rows, n) -> y (rows, places).
    """
    columns = np.array(places, np.intp).T

    def call(x):
        x = np.concatenate([x, np.ones((x.shape[0], 1), x.dtype)], axis=1)
        y = x[:, columns[-1]]  # from the back, as scikit-learn multiplies
        for column in columns[-2::-1]:
            y = y * x[:, column]
        return y

    return call


UFUNCS: dict = {
    item.__name__: item
    for item in (
        np.log, np.log1p, np.log2, np.log10, np.exp, np.exp2, np.expm1, np.sqrt, np.cbrt,
        np.square, np.absolute, np.fabs, np.negative, np.positive, np.reciprocal, np.sign,
        np.floor, np.ceil, np.trunc, np.rint, np.sin, np.cos, np.tan, np.arcsin, np.arccos,
        np.arctan, np.sinh, np.cosh, np.tanh, np.arcsinh, np.arccosh, np.arctanh, np.deg2rad,
        np.rad2deg, np.degrees, np.radians,
    )
}  # fmt: skip


@kernel
def ufunc(function):
    """y = function(x), element by element, as numpy names and computes it."""
    return UFUNCS[function]


@kernel
def splines(knots, degree, outside, has_last):
    """The values of the B-splines over each column's knots, side by side; see the op.

    Shapes: x (rows, n), knots (k, n) -> y (rows, n * splines).
    Raises: ValueError, when x is outside of the knots and that is an error.
    """
    count = knots.shape[0] - degree - 1

    def column_values(x, t):
        """The splines of one column."""
        first, last = t[degree], t[count]
        if outside == "periodic":
            y = _basis(first + (x - first) % (last - first), t, degree)
            y[:, :degree] += y[:, count - degree :]
            return y[:, : count - degree]
        inside = (x >= first) & (x <= last)
        if outside == "error" and not inside.all():
            raise ValueError(
                f"{x[~inside][0].item()!r} is outside of the knots, from {first:g} to {last:g}"
            )
        if outside in ("continue", "error"):
            return _basis(x, t, degree)
        y = _basis(np.clip(x, first, last), t, degree)
        if outside == "linear":
            for edge, is_out in ((first, x < first), (last, x > last)):
                at = np.full(1, edge)
                slope = _basis(at, t, degree, 1)[0]
                y[is_out] += (x[is_out] - edge)[:, None] * slope
        return y

    def call(x):
        parts = [column_values(x[:, n], knots[:, n]) for n in range(x.shape[1])]
        return np.concatenate([y if has_last else y[:, :-1] for y in parts], axis=1).astype(x.dtype)

    return call


def _basis(x, t, degree, derivative=0):
    """The values, or first derivatives, of all B-splines of this degree over the knots t, by de
    Boor's recursion; beyond the boundaries those of the polynomials there.

    In the order of SciPy's _deBoor_D, to the last bit: what follows may tell values apart.
    Shapes: x (rows,), t (k,) -> y (rows, k - degree - 1).
    """
    place = np.clip(np.searchsorted(t, x, side="right") - 1, degree, len(t) - degree - 2)
    h = np.zeros((degree + 1, len(x)), t.dtype)
    h[0] = 1
    for j in range(1, degree + 1):
        before = h[:j].copy()
        h[0] = 0
        for n in range(1, j + 1):
            right, left = t[place + n], t[place + n - j]
            with np.errstate(all="ignore"):
                w = (before[n - 1] if j <= degree - derivative else j * before[n - 1]) / (
                    right - left
                )
            w = np.where(right == left, 0, w)
            if j <= degree - derivative:
                h[n - 1] += w * (right - x)
                h[n] = w * (x - left)
            else:
                h[n - 1] -= w
                h[n] = w
    y = np.zeros((len(x), len(t) - degree - 1), t.dtype)
    y[np.arange(len(x))[:, None], place[:, None] + np.arange(-degree, 1)] = h.T
    return y
