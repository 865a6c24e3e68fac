"""A real S3 server, over HTTP."""

from collections.abc import Iterator

import pytest
import s3fs


@pytest.fixture(name="s3_server", scope="module")
def _s3_server() -> Iterator[str]:
    from moto.server import ThreadedMotoServer  # noqa: PLC0415 - a second for every test process

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(name="bucket")
def _bucket(s3_server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[s3fs.S3FileSystem]:
    """Yield an empty bucket `reports`, and the environment variables for its clients."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_server)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a-secret-of-the-store")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    s3fs.S3FileSystem.clear_instance_cache()
    store = s3fs.S3FileSystem(use_listings_cache=False, skip_instance_cache=True)
    store.mkdir("reports")
    yield store
    store.rm("reports", recursive=True)
