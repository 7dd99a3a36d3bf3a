"""Polars as a peer: lazy frames, `collect(engine="streaming")`, as many threads as the other side.

The Python wheel is the engine that its authors compiled, with their allocator and settings; Python itself does nothing while a
query runs. The queries are in `tpch_polars.py`, `groupby_polars.py` and `csv_polars.py`, written by the documentation's idioms.
"""

import os

import protocol

THREADS = protocol.threads()
os.environ["POLARS_MAX_THREADS"] = str(THREADS)


def setup():
    import polars as pl

    import csv_polars
    import groupby_polars
    import tpch_polars

    suites = {"tpch": tpch_polars, "groupby": groupby_polars, "csv": csv_polars}

    def work(request):
        frame = suites[request["suite"]].query(request).collect(engine="streaming")
        return protocol.Done(frame, frame.height)

    def write(frame, path, digest):
        (digest_of(frame) if digest else frame).write_parquet(path)

    def digest_of(frame):
        """A row for each column: nulls, and the sum of numbers, of lengths of texts, or of days."""

        def weight(column):
            if column.dtype == pl.String:
                return column.str.len_bytes().cast(pl.Float64).sum()
            return column.to_physical().cast(pl.Float64).sum()

        columns = sorted(frame.get_columns(), key=lambda column: column.name)
        return pl.DataFrame(
            {
                "column": [column.name for column in columns],
                "nulls": [column.null_count() for column in columns],
                "weight": [weight(column) for column in columns],
            },
            schema={"column": pl.String, "nulls": pl.Int64, "weight": pl.Float64},
        )

    assert pl.thread_pool_size() == THREADS
    return f"Polars {pl.__version__}", work, write


protocol.serve(setup)
