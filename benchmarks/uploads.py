"""Measure the time of an upload to a store with a given latency.

    python -m benchmarks.uploads CONCURRENCY SECONDS

Prints the average seconds per upload: wall time, and this process's CPU time.
"""

import asyncio
import json
import multiprocessing
import sys
import time
from multiprocessing.connection import Connection
from urllib.parse import parse_qs, urlsplit

from loader.blobs.vercel import VercelBlobStore
from loader.blobs.vercel_api import VercelBlobClient
from loader.extract.threads import Task, in_order
from loader.settings import load_vercel_settings

_EMPTY = {"blobs": [], "hasMore": False}


class _Answers(asyncio.Protocol):
    """A connection of a store that keeps nothing.

    The tests' store needs as much CPU per request as the client, so it would be the bound.
    """

    def __init__(self, latency: float) -> None:
        self._latency = latency
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        length = head.lower().partition(b"\r\ncontent-length: ")[2].partition(b"\r\n")[0]
        if not end or len(body) < int(length or 0):
            return
        self._received = b""
        url = urlsplit(head.split()[1].decode())
        asked = parse_qs(url.query).get("pathname")
        answer = {"pathname": asked[0], "url": f"http://store/{asked[0]}"} if asked else _EMPTY
        text = json.dumps(answer).encode()
        reply = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(text), text)
        asyncio.get_running_loop().call_later(self._latency, self._transport.write, reply)


async def _serve(latency: float, port: Connection) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Answers(latency), "127.0.0.1", 0)
    port.send(server.sockets[0].getsockname()[1])
    await server.serve_forever()


def _run_server(latency: float, port: Connection) -> None:
    asyncio.run(_serve(latency, port))


def main(concurrency: str, latency: str) -> None:
    """Upload some files in parallel, and print the seconds per upload."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    context.Process(target=_run_server, args=(float(latency), theirs), daemon=True).start()
    environ = {
        "ENABLE_VERCEL_BLOB_UPLOAD": "true",
        "BLOB_READ_WRITE_TOKEN": "vercel_blob_rw_abc_secret",
        "VERCEL_BLOB_API_URL": f"http://127.0.0.1:{ours.recv()}/api/blob",
    }
    store = VercelBlobStore(VercelBlobClient(load_vercel_settings(environ)))

    def send(number: int) -> None:
        data = b"%d" % number * 100
        key = f"rocks/transcripts/{number}-{number:012x}.md"
        if not store.find(key, len(data)):
            store.put(key, data)

    def send_all(files: int) -> None:
        tasks = (Task(n, lambda n=n: send(n)) for n in range(files))  # type: ignore[misc]
        for _ in in_order(tasks, int(concurrency)):
            pass

    send_all(int(concurrency))  # opens the connections
    files = 100 * int(concurrency)
    wall, cpu = time.perf_counter(), time.process_time()
    send_all(files)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(json.dumps({"wall": wall / files, "cpu": cpu / files}))


if __name__ == "__main__":
    main(*sys.argv[1:])
