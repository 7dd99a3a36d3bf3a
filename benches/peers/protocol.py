"""What every peer of the benchmarks does: read requests, one line of JSON each, and answer them, one line each.

The first line that a peer writes is `{"ready": "name and version"}`, or `{"skip": "reason"}` when it cannot take part. Then, for
each request, `{"seconds": .., "rows": .., "units": ..}` or `{"error": ".."}`. Only the work itself is timed: not the start of the
process, not the message, not inputs that are made in memory, and not the answer that is written to a file when the request names
one (`answer`). A case that is asked for again finds its inputs as they were.

A peer is started as `python PEER.py --threads N` and ends with its standard input.
"""

import argparse
import json
import os
import sys
import time


def threads():
    """The number of threads that the peer may use. Ask before the library is imported: most read it then."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    return parser.parse_args().threads


class Done:
    """What a piece of work left: an answer, which knows how to be written; and how many units of work it was."""

    def __init__(self, answer=None, rows=0, units=1):
        self.answer, self.rows, self.units = answer, rows, units


def serve(setup):
    """Answers requests until there are no more. `setup()` gives a version and the functions `work(request) -> Done` and
    `write(answer, path, digest)`, and where inputs are made in memory, `ready(request)`; a module that it does not find is a
    reason to be skipped."""
    replies, sys.stdout = sys.stdout, sys.stderr

    def reply(**message):
        replies.write(json.dumps(message) + "\n")
        replies.flush()

    try:
        version, work, write, *ready = setup()
    except ImportError as error:
        reply(skip=f"{sys.executable}: {error}")
        return
    reply(ready=version)
    made = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if made != request["case"]:
                for make in ready:
                    make(request)
                made = request["case"]
            if request.get("only_ready"):
                reply(seconds=0.0, rows=0, units=1)
                continue
            started = time.perf_counter()
            done = work(request)
            seconds = time.perf_counter() - started
            if request.get("answer"):
                write(done.answer, request["answer"], request.get("digest", False))
            rows, units = done.rows, done.units
            # Letting go of a large result takes time, which is not the next side's.
            del done
            reply(seconds=seconds, rows=rows, units=units)
        except Exception as error:
            reply(error=f"{type(error).__name__}: {error}")


def write_numbers(numbers, path):
    """Writes an answer that is a list of numbers, in its order."""
    with open(path, "w") as file:
        json.dump(numbers, file)
