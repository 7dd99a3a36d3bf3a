"""Dask distributed as a peer: scheduler and workers of one thread, as processes. The same shapes as the suite `functions`, of
fewer tasks each, since every time is one task's."""

import protocol

THREADS = protocol.threads()


def same(x):
    return x


def inc(x):
    return x + 1


def add(xs):
    return sum(xs)


def setup():
    from dask import delayed
    from dask.distributed import Client, LocalCluster, __version__

    cluster = LocalCluster(n_workers=THREADS, threads_per_worker=1, dashboard_address=None)
    client = Client(cluster)

    def map_of_no_ops(n=4_000):
        futures = client.map(same, range(n), pure=False)
        assert client.submit(add, futures, pure=False).result() == n * (n - 1) // 2
        return n

    def one_by_one(n=1_000):
        futures = [client.submit(same, x, pure=False) for x in range(n)]
        assert sum(client.gather(futures)) == n * (n - 1) // 2
        return n

    def tree(n=4_000):
        level, tasks = [delayed(same)(x) for x in range(n)], n
        while len(level) > 1:
            level = [delayed(add)(level[at : at + 8]) for at in range(0, len(level), 8)]
            tasks += len(level)
        assert level[0].compute() == n * (n - 1) // 2
        return tasks

    def chain(n=2_000):
        last = delayed(same)(7)
        for _ in range(n):
            last = delayed(inc)(last)
        assert last.compute(optimize_graph=False) == 7 + n
        return n + 1

    shapes = {"map": map_of_no_ops, "submit": one_by_one, "tree": tree, "chain": chain}

    def work(request):
        return protocol.Done(units=shapes[request["case"]]())

    def write(_answer, _path, _digest):
        raise ValueError("no answers here")

    return f"Dask {__version__}", work, write


# The workers import this module.
if __name__ == "__main__":
    protocol.serve(setup)
