"""NumPy as a peer: one array in memory, one thread, but for products of matrices, which its BLAS does on as many as the other side
has."""

import os

import protocol

THREADS = protocol.threads()
for name in ["OPENBLAS", "OMP", "MKL", "BLIS"]:
    os.environ[f"{name}_NUM_THREADS"] = str(THREADS)


def setup():
    import math

    import numpy as np

    import arrays

    inputs = {}

    def ready(request):
        for name, (shape, first) in arrays.shapes(request["case"], request["size"]).items():
            places = np.arange(first, first + math.prod(shape))
            inputs[name] = arrays.numbers(request["case"], places).reshape(shape)

    def work(request):
        if request["case"] == "rechunk":
            x = inputs["x"]
            width = -(-x.shape[1] // arrays.SLABS)
            return protocol.Done([np.ascontiguousarray(x[:, at : at + width]) for at in range(0, x.shape[1], width)])
        return protocol.Done(arrays.expression(np, request["case"], inputs))

    def write(result, path, _digest):
        parts = result if isinstance(result, list) else [result]
        protocol.write_numbers([number for part in parts for number in arrays.answer(np, part)], path)

    return f"NumPy {np.__version__}", work, write, ready


protocol.serve(setup)
