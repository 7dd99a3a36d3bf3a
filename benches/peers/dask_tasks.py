"""What a task costs Dask distributed: scheduler and two workers of one thread, as processes.

    pip install "dask[distributed]"
    python benches/peers/dask_tasks.py

The same shapes as `cargo run --release -p stratal-benches -- functions`, fewer tasks each.
"""

import statistics
import time

from dask import delayed
from dask.distributed import Client, LocalCluster


def same(x):
    return x


def inc(x):
    return x + 1


def add(xs):
    return sum(xs)


def map_of_no_ops(client, n=10_000):
    futures = client.map(same, range(n), pure=False)
    assert client.submit(add, futures, pure=False).result() == n * (n - 1) // 2
    return n


def one_by_one(client, n=2_000):
    futures = [client.submit(same, x, pure=False) for x in range(n)]
    assert sum(client.gather(futures)) == n * (n - 1) // 2
    return n


def tree(client, n=10_000):
    level, tasks = [delayed(same)(x) for x in range(n)], n
    while len(level) > 1:
        level = [delayed(add)(level[at : at + 8]) for at in range(0, len(level), 8)]
        tasks += len(level)
    assert level[0].compute() == n * (n - 1) // 2
    return tasks


def chain(client, n=5_000):
    last = delayed(same)(7)
    for _ in range(n):
        last = delayed(inc)(last)
    assert last.compute(optimize_graph=False) == 7 + n
    return n + 1


if __name__ == "__main__":
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster) as client:
        for work in [map_of_no_ops, one_by_one, tree, chain]:
            seconds = []
            for _ in range(3):
                started = time.perf_counter()
                tasks = work(client)
                seconds.append(time.perf_counter() - started)
            print(f"{work.__name__:<20}{tasks:>10}{statistics.median(seconds) * 1e6 / tasks:>12.1f} µs/task")
