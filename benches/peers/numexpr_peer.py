"""numexpr as a peer: expressions over NumPy's arrays, compiled and run block by block on as many threads as the other side has; those
with a sum around them on one, as numexpr does it."""

import os

import protocol

THREADS = protocol.threads()
os.environ["NUMEXPR_MAX_THREADS"] = os.environ["NUMEXPR_NUM_THREADS"] = str(THREADS)


def setup():
    import math

    import numexpr as ne
    import numpy as np

    import arrays

    ne.set_num_threads(THREADS)
    inputs = {}

    def ready(request):
        for name, (shape, first) in arrays.shapes(request["case"], request["size"]).items():
            places = np.arange(first, first + math.prod(shape))
            inputs[name] = arrays.numbers(request["case"], places).reshape(shape)

    def formula(case):
        """The expression, and the arrays that it names."""
        match case.split("-"):
            case ["chain", operations, *_]:
                return arrays.CHAINS[operations], inputs
            case ["exp" | "sin" as name, *_]:
                return f"{name}(x)", inputs
            case ["double", "diff"]:
                x = inputs["x"]
                return "a - 2.0 * b + c", {"a": x[2:], "b": x[1:-1], "c": x[:-2]}
            case ["vorticity", *of]:
                u, v = inputs["u"], inputs["v"]
                views = {"e": v[1:-1, 2:], "w": v[1:-1, :-2], "n": u[2:, 1:-1], "s": u[:-2, 1:-1]}
                plain = "(e - w) * 0.5 - (n - s) * 0.5"
                return f"({plain}) ** 2" if of else plain, views
        raise ValueError(f"no case {case!r}")

    def work(request):
        text, names = formula(request["case"])
        if arrays.summed(request["case"]):
            text = f"sum({text})"
        return protocol.Done(ne.evaluate(text, local_dict=names))

    def write(result, path, _digest):
        protocol.write_numbers(arrays.answer(np, result), path)

    return f"numexpr {ne.__version__}", work, write, ready


protocol.serve(setup)
