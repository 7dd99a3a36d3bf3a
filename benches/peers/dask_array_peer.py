"""dask.array as a peer: chunks of its own choice, on threads of one process. Products of two chunks take one thread each, as its
documentation advises."""

import os

import protocol

THREADS = protocol.threads()
for name in ["OPENBLAS", "OMP", "MKL", "BLIS"]:
    os.environ[f"{name}_NUM_THREADS"] = "1"


def setup():
    import dask
    import dask.array as da
    import numpy as np

    import arrays

    dask.config.set(scheduler="threads", num_workers=THREADS)
    inputs = {}

    def chunks(case, shape):
        match case.split("-"):
            case ["rechunk"]:
                return (-(-shape[0] // arrays.SLABS), -1)
            case ["matmul", _, "cut"]:
                return (1024, 1024)
        return "auto"

    def ready(request):
        for name, (shape, first) in arrays.shapes(request["case"], request["size"]).items():
            cut = da.core.normalize_chunks(chunks(request["case"], shape), shape, dtype=np.float64)
            places = da.arange(first, first + shape[-1], chunks=(cut[-1],))
            if len(shape) == 2:
                places = da.arange(shape[0], chunks=(cut[0],))[:, None] * shape[1] + places
            inputs[name] = arrays.numbers(request["case"], places).persist()

    def work(request):
        case = request["case"]
        if case == "rechunk":
            return protocol.Done(inputs["x"].rechunk((-1, -(-inputs["x"].shape[1] // arrays.SLABS))).persist())
        if case.startswith("zarr-"):
            return protocol.Done(da.from_zarr(f"{request['data']}/{case}.zarr").persist())
        result = arrays.expression(da, case, inputs)
        # What is small is wanted as a NumPy array, and what is large stays in its chunks.
        return protocol.Done(result.compute() if result.nbytes <= 8 * arrays.LONG else result.persist())

    def write(result, path, _digest):
        protocol.write_numbers(arrays.answer(np, result), path)

    return f"dask.array {dask.__version__}", work, write, ready


protocol.serve(setup)
