"""A server that rejects each connection as PostgreSQL or Neon's proxy does."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

_SSL_REQUEST = bytes.fromhex("0000000804d2162f")
_LONGEST = 65536


@dataclass
class Refusing:
    """The server's port, and the number of rejected connections."""

    port: int
    refused: int = 0

    def url(self, database: str = "work") -> str:
        return f"postgresql://ana:canary@127.0.0.1:{self.port}/{database}?sslmode=prefer"


@contextmanager
def refusing(message: str, code: str = "XX000", severity: str = "ERROR") -> Iterator[Refusing]:
    """Yield a server that answers each startup packet with an error."""
    fields = {b"S": severity, b"V": severity, b"C": code, b"M": message}
    body = b"".join(key + text.encode() + b"\0" for key, text in fields.items()) + b"\0"

    class Answer(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):
                if self.request.recv(_LONGEST) == _SSL_REQUEST:
                    self.request.sendall(b"N")
                    self.request.recv(_LONGEST)
                server.refused += 1
                self.request.sendall(b"E" + (len(body) + 4).to_bytes(4, "big") + body)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Answer) as listener:
        server = Refusing(listener.server_address[1])
        thread = threading.Thread(target=listener.serve_forever, args=(0.01,))
        thread.start()
        yield server
        listener.shutdown()
        thread.join()
