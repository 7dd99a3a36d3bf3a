"""The coefficients of the polynomials in this folder, and constants in several parts.

Run it with Python 3 and mpmath: `python coefficients.py`. It prints every `poly!` of the Rust files next to it, lowest power
first, with the relative error of the function that it stands in, and every constant that is a sum of floats.

A polynomial is the interpolant at the Chebyshev points of its interval, solved with 60 digits and rounded at the end. That
is within a small factor of the best one; a degree is chosen such that this factor does not matter.
"""

from mpmath import mp, mpf, cos, pi, matrix, lu_solve, exp, log, sin, sinh, cosh, atan, asin, sqrt, factorial
import struct

mp.dps = 60


def interpolant(function, low, high, degree):
    points = [(low + high) / 2 + (high - low) / 2 * cos(pi * (2 * i + 1) / (2 * degree + 2)) for i in range(degree + 1)]
    powers = matrix(degree + 1, degree + 1)
    values = matrix(degree + 1, 1)
    for i, point in enumerate(points):
        values[i] = function(point)
        for j in range(degree + 1):
            powers[i, j] = point**j
    return [float(c) for c in lu_solve(powers, values)]


def worst(function, coefficients, low, high, weight):
    found = mpf(0)
    for i in range(2001):
        point = low + (high - low) * i / 2000
        value = sum(mpf(c) * point**j for j, c in enumerate(coefficients))
        found = max(found, abs((value - function(point)) * weight(point)))
    return found


def series(terms):
    """A function by its power series, which is exact where a formula would cancel."""
    return lambda x: sum(terms(i) * x**i for i in range(120))


def odd(function, first):
    """(f(t) / t - 1) / z of an odd function, with z = t * t."""
    return lambda z: (function(sqrt(z)) / sqrt(z) - 1) / z if z > mpf(10) ** -20 else first


LN2 = log(mpf(2))
HALF = LN2 / 2 * mpf("1.0001")
EIGHTH = (pi / 4 * mpf("1.0001")) ** 2
S = ((sqrt(mpf(2)) - 1) / (sqrt(mpf(2)) + 1) * mpf("1.0001")) ** 2
TAN = ((sqrt(mpf(2)) - 1) * mpf("1.0001")) ** 2
QUARTER = mpf("0.2500001")
ONE = mpf(1)

EXP = series(lambda i: 1 / factorial(i + 2))
SINH = series(lambda i: 1 / factorial(2 * i + 3))
COSH = series(lambda i: 1 / factorial(2 * i + 4))
SIN = series(lambda i: mpf(-1) ** (i + 1) / factorial(2 * i + 3))
COS = series(lambda i: mpf(-1) ** i / factorial(2 * i + 4))
LOG = series(lambda i: mpf(2) / (2 * i + 3))
LOG_LATER = series(lambda i: mpf(2) / (2 * i + 5))

POLYNOMIALS = [
    # name, what is approximated, from, to, degree, what its error is multiplied by for the relative error of the result
    ("exp: (e^r - 1 - r) / r^2", EXP, -HALF, HALF, 10, lambda r: r * r / exp(r)),
    ("exp, single", EXP, -HALF, HALF, 5, lambda r: r * r / exp(r)),
    ("sinh: (sinh r - r) / r^3 in z = r^2", SINH, mpf(0), HALF**2, 4, lambda z: z),
    ("cosh: (cosh r - 1 - z / 2) / z^2", COSH, mpf(0), HALF**2, 4, lambda z: z * z),
    ("sinh, single", SINH, mpf(0), HALF**2, 2, lambda z: z),
    ("cosh, single", COSH, mpf(0), HALF**2, 2, lambda z: z * z),
    ("sin: (sin r - r) / r^3 in z = r^2", SIN, mpf(0), EIGHTH, 6, lambda z: z),
    ("cos: (cos r - 1 + z / 2) / z^2", COS, mpf(0), EIGHTH, 5, lambda z: z * z * sqrt(mpf(2))),
    ("sin, single", SIN, mpf(0), EIGHTH, 3, lambda z: z),
    ("cos, single", COS, mpf(0), EIGHTH, 2, lambda z: z * z * sqrt(mpf(2))),
    ("log: (2 atanh(s) / s - 2) / z in z = s^2", LOG, mpf(0), S, 7, lambda z: z / 2),
    ("log in two parts: what comes after 2 / 3", LOG_LATER, mpf(0), S, 8, lambda z: z * z / 2),
    ("log, single", LOG, mpf(0), S, 4, lambda z: z / 2),
    ("atan: (atan(t) / t - 1) / z in z = t^2", odd(atan, -ONE / 3), mpf(0), TAN, 12, lambda z: z),
    ("atan, single", odd(atan, -ONE / 3), mpf(0), TAN, 6, lambda z: z),
    ("asin: (asin(t) / t - 1) / z in z = t^2", odd(asin, ONE / 6), mpf(0), QUARTER, 13, lambda z: z),
    ("asin, single", odd(asin, ONE / 6), mpf(0), QUARTER, 6, lambda z: z),
]


def bits(value):
    return struct.unpack("<Q", struct.pack("<d", value))[0]


def truncated(value, kept):
    """The float of that many leading bits."""
    return struct.unpack("<d", struct.pack("<Q", bits(float(value)) >> (53 - kept) << (53 - kept)))[0]


def parts(value, *kept):
    found = []
    for count in kept:
        part = truncated(value, count) if count < 53 else float(value)
        found.append(part)
        value -= mpf(part)
    return found


CONSTANTS = [
    ("LN_2", LN2, (21, 53)),
    ("PI / 2", pi / 2, (33, 33, 33, 53)),
    ("PI / 2, PI / 4 and PI", pi / 2, (53, 53)),
    ("PI / 4", pi / 4, (53, 53)),
    ("PI", pi, (53, 53)),
    ("LOG2_E", 1 / LN2, (26, 53)),
    ("LOG10_E", 1 / log(mpf(10)), (26, 53)),
    ("LOG10_2", log(mpf(2)) / log(mpf(10)), (41, 53)),
    ("2 / 3", mpf(2) / 3, (53, 53)),
]


if __name__ == "__main__":
    for name, function, low, high, degree, weight in POLYNOMIALS:
        coefficients = interpolant(function, low, high, degree)
        error = worst(function, coefficients, low, high, weight)
        print(f"{name}: relative error 2^{float(log(error, 2)):.1f}\n    {', '.join(map(repr, coefficients))}")
    for name, value, kept in CONSTANTS:
        print(name, ", ".join(f"{part!r} = 0x{bits(part):016x}" for part in parts(value, *kept)))
