"""The test server behaves like the real store: Vercel Blob's official client works with it."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from loader.blobs.vercel_api import VercelBlobClient
from loader.settings import load_vercel_settings
from tests.support.project import ROOT
from tests.support.vercel.server import BlobServer
from tests.support.vercel.store import Fault

_SOURCE = ROOT / "tests/support/vercel/official_client"


@pytest.fixture(scope="module")
def official_client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the client, installed from the lock file."""
    if not (shutil.which("npm") and shutil.which("node")):
        pytest.skip("npm is not there, which installs the official client")
    folder = tmp_path_factory.mktemp("official") / "client"
    shutil.copytree(_SOURCE, folder)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]
    installed = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert installed.returncode == 0, installed.stderr
    return folder


@pytest.mark.xdist_group("official")
@pytest.mark.parametrize("access", ["private", pytest.param("public", marks=pytest.mark.long)])
def test_the_official_client_works_with_the_server(
    official_client: Path, blob_server: BlobServer, access: str
) -> None:
    store = blob_server.new_store(access)
    ours = VercelBlobClient(load_vercel_settings(store.environ))
    theirs = ours.put("ours/María 1.md", b"from the loader").key
    store.fail(Fault.UNAVAILABLE, "put", "faults/503.md", times=1)
    store.fail(Fault.RATE_LIMITED, "put", "faults/429.md")
    store.fail(Fault.FORBIDDEN, "put", "faults/403.md")
    store.fail(Fault.SUSPENDED, "put", "faults/suspended.md")
    store.fail(Fault.RESET, "put", "faults/reset.md", times=1)
    ended = subprocess.run(
        ["node", "exercise.mjs"],
        cwd=official_client,
        env={
            **store.environ,
            "PATH": os.environ["PATH"],
            "ACCESS": access,
            "ORIGIN": blob_server.origin,
            "THEIRS": theirs,
            "VERCEL_BLOB_RETRIES": "2",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    made = ours.head("for-the-loader.md")
    assert ours.download(made.url, b"".join) == b"from the official client"
    assert store.count("mpu-upload") == 3
