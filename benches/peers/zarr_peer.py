"""zarr-python as a peer: an array in storage, read whole into one of NumPy."""

import protocol

THREADS = protocol.threads()


def setup():
    import numpy as np
    import zarr

    import arrays

    zarr.config.set({"threading.max_workers": THREADS})

    def work(request):
        return protocol.Done(zarr.open_array(f"{request['data']}/{request['case']}.zarr", mode="r")[:])

    def write(result, path, _digest):
        protocol.write_numbers(arrays.answer(np, result), path)

    return f"zarr-python {zarr.__version__}", work, write


protocol.serve(setup)
