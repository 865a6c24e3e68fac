"""TLS servers with certificates of a test CA, and a proxy in front of them."""

import ipaddress
import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Authority:
    """A CA and the certificate that it signed for 127.0.0.1.

    Args:
        bundle: The file of CA certificates for clients.
        served: The server's certificate and key.
    """

    bundle: Path
    served: Path

    def serve(self, server: ThreadingHTTPServer) -> None:
        """Serve a listening server over TLS."""
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(self.served)
        server.socket = tls.wrap_socket(server.socket, server_side=True)


def new_authority(folder: Path) -> Authority:
    """Create a CA and a certificate."""
    now = datetime.now(UTC)
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    names = [
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]) for name in ("CA", "server")
    ]
    certificates = []
    for key, name, is_ca in zip(keys, names, (True, False), strict=True):
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(names[0])
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
        )
        if not is_ca:
            address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
            builder = builder.add_extension(x509.SubjectAlternativeName([address]), critical=False)
        certificates.append(builder.sign(keys[0], hashes.SHA256()))
    pem = serialization.Encoding.PEM
    made = Authority(folder / "ca.pem", folder / "server.pem")
    made.bundle.write_bytes(certificates[0].public_bytes(pem))
    private = serialization.PrivateFormat.PKCS8
    key_text = keys[1].private_bytes(pem, private, serialization.NoEncryption())
    made.served.write_bytes(certificates[1].public_bytes(pem) + key_text)
    return made


@dataclass
class Proxy:
    """The traffic of a proxy.

    Args:
        url: The proxy's address.
        heads: The requests for a tunnel, with their headers.
        passed: All bytes that clients sent through tunnels.
    """

    url: str = ""
    heads: list[str] = field(default_factory=list)
    passed: bytearray = field(default_factory=bytearray)


@contextmanager
def connect_proxy(authorization: str = "") -> Iterator[Proxy]:
    """Run a proxy that opens tunnels; with `authorization`, only if Proxy-Authorization matches."""
    proxy = Proxy()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            lines = []
            while (line := self.rfile.readline()) not in (b"\r\n", b""):
                lines.append(line.decode())
            proxy.heads.append("".join(lines))
            method, place, _ = lines[0].split()
            headers = {line.partition(": ")[0].lower(): line.partition(": ")[2] for line in lines}
            if method != "CONNECT":
                self.wfile.write(b"HTTP/1.1 405 Method Not Allowed\r\n\r\n")
            elif authorization and headers.get("proxy-authorization") != f"{authorization}\r\n":
                self.wfile.write(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
            else:
                host, _, port = place.rpartition(":")
                self.wfile.write(b"HTTP/1.1 200 Connection Established\r\n\r\n")
                with socket.create_connection((host, int(port))) as server:
                    back = threading.Thread(target=pump, args=(server, self.request))
                    back.start()
                    pump(self.request, server, is_heard=True)
                    back.join()

    def pump(source: socket.socket, sink: socket.socket, *, is_heard: bool = False) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if is_heard:
                    proxy.passed += data
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False

    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        proxy.url = f"http://127.0.0.1:{server.server_address[1]}"
        yield proxy
        server.shutdown()
