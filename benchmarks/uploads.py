"""Measure the time of an upload to a store with a given latency.

    python -m benchmarks.uploads CONCURRENCY SECONDS

Prints the average seconds per upload.
"""

import json
import multiprocessing
import sys
import time
from multiprocessing.connection import Connection

from loader.blobs.vercel import VercelBlobStore
from loader.blobs.vercel_api import VercelBlobClient
from loader.extract.threads import Task, in_order
from loader.settings import load_vercel_settings
from tests.support.vercel.server import BlobServer


def _serve(latency: float, told: Connection) -> None:
    with BlobServer() as server:
        store = server.new_store()
        store.before_put = lambda: time.sleep(latency)
        told.send(store.environ)
        told.recv()


def main(concurrency: str, latency: str) -> None:
    """Upload some files in parallel, and print the seconds per upload."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    server = context.Process(target=_serve, args=(float(latency), theirs), daemon=True)
    server.start()
    store = VercelBlobStore(VercelBlobClient(load_vercel_settings(ours.recv())))
    files = 50 * int(concurrency)

    def send(number: int) -> None:
        data = b"%d" % number * 100
        key = f"rocks/transcripts/{number}-{number:012x}.md"
        if not store.find(key, len(data)):
            store.put(key, data)

    send(0)
    wall, cpu = time.perf_counter(), time.process_time()
    tasks = (Task(number, lambda number=number: send(number)) for number in range(1, files + 1))  # type: ignore[misc]
    for _ in in_order(tasks, int(concurrency)):
        pass
    figures = {"wall": (time.perf_counter() - wall) / files, "cpu": time.process_time() - cpu}
    print(json.dumps(figures))
    ours.send(None)


if __name__ == "__main__":
    main(*sys.argv[1:])
