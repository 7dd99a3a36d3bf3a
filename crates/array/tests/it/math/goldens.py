"""Writes goldens.tsv: functions at some 200 points each, computed with many digits.

Run it with Python 3 and mpmath: `python goldens.py`. A line has the name of a function, the bits of its operands and those of
the nearest float to the result, as hexadecimal numbers.
"""

import random
import struct
from pathlib import Path

from mpmath import mp, mpf

mp.prec = 2600
COUNT = 200


def bits(x):
    return f"{struct.unpack('<Q', struct.pack('<d', x))[0]:016x}"


def logarithmic(low, high):
    """A magnitude between two powers of two."""
    return random.uniform(1, 2) * 2.0 ** random.randint(low, high - 1)


def sign():
    return random.choice([-1.0, 1.0])


def anywhere():
    return sign() * logarithmic(-1022, 1023)


def angle():
    choice = random.randrange(4)
    if choice == 0:
        return random.uniform(-10, 10)
    if choice == 1:
        return sign() * logarithmic(-60, 20)
    if choice == 2:
        # As near to a multiple of a quarter turn as floats are.
        return float(random.randint(-600000, 600000) * mp.pi / 2)
    return sign() * logarithmic(20, 1023)


def around(low, high, smallest=-300):
    def point():
        return random.uniform(low, high) if random.random() < 0.5 else sign() * logarithmic(smallest, 0)

    return point


def positive():
    choice = random.randrange(3)
    if choice == 0:
        return logarithmic(-1022, 1023)
    return random.uniform(0.5, 2) if choice == 1 else 1 + sign() * logarithmic(-52, -1)


def unit():
    choice = random.randrange(3)
    if choice == 0:
        return random.uniform(-1, 1)
    return sign() * logarithmic(-300, 0) if choice == 1 else sign() * (1 - logarithmic(-52, -1))


def within(bound):
    """A point of `unit` that is inside of -1 and 1."""
    x = unit()
    return x if abs(x) < bound else within(bound)


ONE = {
    "acos": (mp.acos, unit),
    "acosh": (mp.acosh, lambda: 1 + logarithmic(-52, 60) if random.random() < 0.7 else logarithmic(1, 1023)),
    "asin": (mp.asin, unit),
    "asinh": (mp.asinh, lambda: anywhere() if random.random() < 0.3 else around(-5, 5)()),
    "atan": (mp.atan, lambda: anywhere() if random.random() < 0.3 else around(-5, 5)()),
    "atanh": (mp.atanh, lambda: within(1)),
    "cos": (mp.cos, angle),
    "cosh": (mp.cosh, lambda: random.uniform(-710, 710) if random.random() < 0.5 else around(-3, 3)()),
    "exp": (mp.exp, lambda: random.uniform(-745, 709) if random.random() < 0.5 else around(-1, 1)()),
    "expm1": (mp.expm1, lambda: random.uniform(-50, 709) if random.random() < 0.4 else around(-1.5, 1.5)()),
    "log": (mp.log, positive),
    "log10": (lambda x: mp.log(x) / mp.log(10), positive),
    "log1p": (mp.log1p, lambda: logarithmic(-60, 1023) if random.random() < 0.3 else around(-0.99, 2)()),
    "log2": (lambda x: mp.log(x) / mp.log(2), positive),
    "sin": (mp.sin, angle),
    "sinh": (mp.sinh, lambda: random.uniform(-710, 710) if random.random() < 0.4 else around(-3, 3)()),
    "tan": (mp.tan, angle),
    "tanh": (mp.tanh, lambda: random.uniform(-20, 20) if random.random() < 0.4 else around(-2, 2)()),
}


def base_and_power():
    choice = random.randrange(3)
    if choice == 0:
        return sign() * random.randint(1, 40), float(random.randint(-12, 12))
    x = logarithmic(-1000, 1000) if choice == 1 else 1 + sign() * logarithmic(-50, -1)
    return x, float(random.uniform(-744, 709) / mp.log(x))


TWO = {
    "atan2": (mp.atan2, lambda: (anywhere(), anywhere()) if random.random() < 0.3 else (random.gauss(0, 1), random.gauss(0, 1))),
    "hypot": (
        lambda x, y: mp.sqrt(x * x + y * y),
        lambda: (random.gauss(0, 1), random.gauss(0, 1)) if random.random() < 0.5 else (x := anywhere() / 4, x * random.uniform(0.1, 2)),
    ),
    "pow": (mp.power, base_and_power),
}


def main():
    random.seed(20251122)
    lines = []
    for name, (function, point) in ONE.items():
        for _ in range(COUNT):
            x = point()
            lines.append(f"{name}\t{bits(x)}\t{bits(float(mp.re(function(mpf(x)))))}")
    for name, (function, point) in TWO.items():
        for _ in range(COUNT):
            x, y = point()
            lines.append(f"{name}\t{bits(x)}\t{bits(y)}\t{bits(float(mp.re(function(mpf(x), mpf(y)))))}")
    Path(__file__).with_name("goldens.tsv").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
