"""What the peers of the suite `array` share: the numbers that all sides begin with, the cases as they are written for NumPy and for
what imitates it, and how answers are told. `src/suites/array/` does the same as Stratal."""

import math

# Horner's rule: a multiplication with an array and an addition of a number by turns. As many operations as the name says.
CHAINS = {
    "1": "x * x",
    "3": "(x * x + 0.5) * x",
    "6": "((x * x + 0.5) * x - 0.25) * x + 0.125",
    "12": "(((((x * x + 0.5) * x - 0.25) * x + 0.125) * x - 0.0625) * x + 0.03125) * x - 0.5",
}

# Slabs of the suite's rechunking, along either axis.
SLABS = 16
# Longer lines are told by some of their numbers, and their sum.
LONG = 100_000
TOLD = 1_000


def summed(case):
    """Whether it is the sum of the result that is wanted: the others leave the whole result in memory."""
    return case.endswith("-sum") or case == "double-diff"


def shapes(case, size):
    """The arrays of a case: name, shape, and the place of the first number."""
    side, half = math.isqrt(size), math.isqrt(size // 2)
    match case.split("-"):
        case ["chain" | "exp" | "sin" | "double", *_]:
            return {"x": ((size,), 0)}
        case ["vorticity", *_]:
            return {"u": ((half, half), 0), "v": ((half, half), half * half)}
        case ["matmul", n, *_]:
            n = int(n)
            return {"a": ((n, n), 0), "b": ((n, n), n * n)}
        case ["sum" | "var" | "max", _] | ["rechunk"]:
            return {"x": ((side, side), 0)}
        case ["zarr", _]:
            return {}
    raise ValueError(f"no case {case!r}")


def numbers(case, places):
    """The numbers in some places, in any library: in [0, 1), but for functions, in [-10, 10)."""
    unit = ((places * 2654435761) & 0xFFFFFFFF) / 2.0**32
    return unit * 20.0 - 10.0 if case.startswith(("exp", "sin")) else unit


def expression(xp, case, arrays):
    """A case in any library that is used as NumPy is."""
    x = arrays.get("x")
    match case.split("-"):
        case ["chain", operations, *_]:
            result = eval(CHAINS[operations], {"x": x})
        case ["exp", *_]:
            result = xp.exp(x)
        case ["sin", *_]:
            result = xp.sin(x)
        case ["double", "diff"]:
            result = x[2:] - 2.0 * x[1:-1] + x[:-2]
        case ["vorticity", *of]:
            u, v = arrays["u"], arrays["v"]
            result = (v[1:-1, 2:] - v[1:-1, :-2]) * 0.5 - (u[2:, 1:-1] - u[:-2, 1:-1]) * 0.5
            if of:
                result = result * result
        case ["sum" | "var" | "max" as name, axis]:
            return getattr(x, name)(axis=None if axis == "all" else int(axis))
        case ["matmul", *_]:
            return arrays["a"] @ arrays["b"]
        case _:
            raise ValueError(f"no case {case!r}")
    return result.sum() if summed(case) else result


def answer(np, result):
    """An array in a few numbers: a line whole where it is short, else some of its numbers and the sum; the sums of the columns
    of a table."""
    match result.ndim:
        case 0:
            return [float(result)]
        case 1 if len(result) <= LONG:
            return np.asarray(result).tolist()
        case 1:
            every = np.asarray(result[:: -(-len(result) // TOLD)]).tolist()
            return [*every, float(np.asarray(result.sum()))]
    return np.asarray(result.sum(axis=0)).tolist()
