"""The studio answers this machine only, with the token, from its own pages."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from loader.studio.guard import cookie_name
from tests.support.linux import linux_only
from tests.support.project import ROOT, Project
from tests.support.studio import Served

on_one_engine = pytest.mark.parametrize("engine", ["duckdb"])


@on_one_engine
def test_only_this_machine_with_the_token(project: Project) -> None:
    with Served(project) as served:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/\?token=[\w-]{32}", served.url)
        place, port = served.place, served.place.rpartition(":")[2]
        cookie = {"cookie": f"{cookie_name(int(port))}={served.token}"}

        def status(path: str = "/", method: str = "GET", **headers: str) -> int:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            found = requests.request(
                method, place + path, headers=named, timeout=60, allow_redirects=False
            )
            assert "orchestrator studio" in found.text or not found.text
            assert found.headers["content-security-policy"].startswith("default-src 'none'")
            assert found.headers["referrer-policy"] == "same-origin"
            assert found.headers["x-content-type-options"] == "nosniff"
            return found.status_code

        there = status(**cookie)
        assert there == 503  # there is no database yet, which is revealed only with the token
        # The token.
        assert 401 == status()
        assert 401 == status("/?token=wrong")
        assert 401 == status("/people?token=")
        assert 401 == status(cookie=f"{cookie_name(int(port) + 1)}={served.token}")
        assert 401 == status(cookie="not; a=cookie; =")
        # The host: another host name may resolve to this machine.
        for host in ("evil.example", f"evil.example:{port}", "127.0.0.1", f"127.0.0.1:{port}1"):
            assert 421 == status(host=host, **cookie)
        assert there == status(host=f"localhost:{port}", **cookie)
        # The origin: another port of this machine is a different origin.
        for origin in ("http://127.0.0.1:1", "https://evil.example", "null", "http://127.0.0.1"):
            assert 403 == status(origin=origin, **cookie)
        assert 403 == status(origin=f"http://localhost:{port}", **cookie)
        assert there == status(origin=place, **cookie)
        # The site: from another one, only a link may lead here.
        assert 403 == status(sec_fetch_site="same-site", sec_fetch_dest="image", **cookie)
        assert 403 == status(sec_fetch_site="cross-site", sec_fetch_dest="iframe", **cookie)
        assert 403 == status(sec_fetch_site="cross-site", sec_fetch_dest="empty", **cookie)
        assert 403 == status(
            method="POST", sec_fetch_site="same-site", sec_fetch_dest="document", **cookie
        )
        link = {"sec_fetch_site": "cross-site", "sec_fetch_dest": "document"}
        assert there == status(**link, **cookie)
        assert 405 == status(method="OPTIONS", **cookie)
        assert 405 == status(method="POST", **cookie)
        # There is no websocket that a page of another port could open.
        asked = {"upgrade": "websocket", "connection": "Upgrade", "sec_websocket_version": "13"}
        assert there == status(sec_websocket_key="dGhlIHNhbXBsZSBub25jZQ==", **asked, **cookie)


@on_one_engine
def test_the_token_leaves_the_address(project: Project) -> None:
    with Served(project) as served:
        found = requests.get(
            f"{served.place}/search?q=a%26b&token={served.token}&week=",
            timeout=60,
            allow_redirects=False,
        )
        assert (found.status_code, found.headers["location"]) == (303, "/search?q=a%26b&week=")
        kept = found.headers["set-cookie"]
        assert "HttpOnly" in kept
        assert "SameSite=Strict" in kept
        assert found.headers["cache-control"] == "no-store"
        # The token never redirects to another host.
        away = requests.get(
            f"{served.place}//evil.example/?token={served.token}", timeout=60, allow_redirects=False
        )
        assert away.headers["location"] == "/evil.example/"
        assert requests.get(f"{served.place}/static/style.css", timeout=60).status_code == 200
        assert requests.get(f"{served.place}/static/../app.py", timeout=60).status_code == 401
        assert served.get("/static/..%2fapp.py").status_code == 404


@on_one_engine
def test_a_port_in_use(project: Project) -> None:
    with Served(project) as served:
        port = served.place.rpartition(":")[2]
        ended = project.loader("studio", "--no-browser", "--port", port)
        assert (ended.code, f"Cannot listen on port {port}: " in ended.err) == (1, True)
        assert "--port N" in ended.err


@linux_only("/proc shows what other users see of a process")
@on_one_engine
def test_other_users_do_not_see_the_token(project: Project) -> None:
    with Served(project) as served:
        process = Path(f"/proc/{served.process.pid}")
        assert served.token not in (process / "cmdline").read_text()
        assert served.token not in (process / "environ").read_text()


@on_one_engine
def test_without_the_extra(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    ended = project.loader("studio", "--no-browser")
    assert ended.code == 1
    assert "which is not installed. Install it: make setup" in ended.err


def test_heavy_packages_are_not_imported() -> None:
    """Without these modules, it listens within a second."""
    heavy = {"dlt", "dbt", "pyarrow", "duckdb", "psycopg", "pydantic", "loader.reading"}
    code = f"import sys, loader.cli.studio, loader.studio.app; print({heavy} & sys.modules.keys())"
    command = [sys.executable, "-c", code]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "set()"


@on_one_engine
def test_a_signal_stops_it_as_soon_as_the_address_is_announced(project: Project) -> None:
    for _ in range(3):
        process = project.start("loader", "studio", "--no-browser", "--port", "0")
        assert process.stdout
        process.stdout.readline()
        process.terminate()
        try:
            _, err = process.communicate(timeout=30)
        finally:
            process.kill()
        assert (process.returncode, "never awaited" in err) == (0, False)
