"""A TCP port for a PostgreSQL server that listens only on a socket file."""

import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_SSL_REQUEST = bytes.fromhex("0000000804d2162f")


@contextmanager
def listening(
    family: int, host: str, socket_path: str, port: int = 0, tls: ssl.SSLContext | None = None
) -> Iterator[int]:
    """Yield a TCP port that leads to the server's socket, with TLS if given."""

    class ToSocket(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with suppress(OSError), socket.socket(socket.AF_UNIX) as server:
                client = self.request
                if tls:
                    assert client.recv(8) == _SSL_REQUEST
                    client.sendall(b"S")
                    client = tls.wrap_socket(client, server_side=True)
                with client:
                    server.connect(socket_path)
                    back = threading.Thread(target=pump, args=(server, client))
                    back.start()
                    pump(client, server)
                    back.join()

    def pump(source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)

    class Listener(socketserver.ThreadingTCPServer):
        address_family = family
        allow_reuse_address = True

    with Listener((host, port), ToSocket) as listener:
        thread = threading.Thread(target=listener.serve_forever)
        thread.start()
        yield listener.server_address[1]
        listener.shutdown()
        thread.join()
