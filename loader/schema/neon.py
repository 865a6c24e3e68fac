"""Branches of a Neon project, over its REST API.

A branch is a copy-on-write copy of a database. Requests and answers follow Neon's published API,
version 2: https://api-docs.neon.tech/reference
"""

import json
from dataclasses import dataclass
from http import HTTPStatus
from itertools import repeat
from typing import Any
from urllib.parse import urlencode

from urllib3.exceptions import HTTPError, SSLError
from urllib3.util import Retry as HttpRetry
from urllib3.util import Timeout

from loader.blobs.retry import Retry
from loader.database.url import DatabaseUrl
from loader.errors import NeonError
from loader.https import CA_HINT, USER_AGENT, Connections, proxy_problem, reason_of
from loader.schema import NeonSettings

_TIMEOUT = Timeout(10.0, 30.0)  # seconds to connect, and between two bytes
_PATIENCE = 120.0  # seconds for Neon to finish an operation
_BACKOFF = 0.5  # seconds before the second retry; doubled before each further one
_PAUSE = 1.0  # seconds between two polls
_BUSY = (423, 429, 503)  # no operation was started: the project or Neon is busy
_FINISHED = {"finished", "skipped"}
_FAILED = {"failed", "error", "cancelled"}


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch of the project.

    Args:
        id: Neon's id.
        name: The name that the user gave.
        is_kept: Whether it is the project's default branch, or protected.
    """

    id: str
    name: str
    is_kept: bool


class _RefusalError(NeonError):
    """Neon understood the request and rejected it."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__(f"Neon answered {status}: {said or 'no message'}")
        self.status = status


class NeonClient:
    """A client for the branches of one project.

    Args:
        settings: Key and project.
    """

    def __init__(self, settings: NeonSettings) -> None:
        self._settings = settings
        self._connections = Connections(settings.network)
        self._retries = HttpRetry(
            total=6,
            read=0,
            backoff_factor=_BACKOFF,
            status_forcelist=_BUSY,
            allowed_methods=None,
            raise_on_status=False,
        )
        self._headers = {
            "accept-encoding": "gzip, deflate",
            "authorization": f"Bearer {settings.api_key}",
            "content-type": "application/json",
            "user-agent": USER_AGENT,
        }

    def parent_of(self, database: DatabaseUrl) -> str:
        """Return the id of the branch that has a database.

        Raises:
            NeonError: No branch of the project has it.
        """
        for endpoint in self._call("GET", "endpoints")["endpoints"]:
            if endpoint["host"] == database.host:
                return str(endpoint["branch_id"])
        message = (
            f"{database.host} is not a host of the Neon project {self._settings.project_id!r}."
            " Check NEON_PROJECT_ID in Neon Console → Project → Settings."
        )
        raise NeonError(message)

    def hosts(self, branch: Branch) -> set[str]:
        """Return the direct hosts of a branch."""
        endpoints = self._call("GET", "endpoints")["endpoints"]
        return {each["host"] for each in endpoints if each["branch_id"] == branch.id}

    def find(self, name: str) -> Branch | None:
        """Return the branch of this name, or None."""
        cursor: str | None = None
        while True:
            params = {"search": name, **({"cursor": cursor} if cursor else {})}
            answer = self._call("GET", "branches", params=params)
            for each in answer["branches"]:
                if each["name"] == name:
                    is_kept = bool(each.get("default") or each.get("protected"))
                    return Branch(each["id"], each["name"], is_kept)
            cursor = (answer.get("pagination") or {}).get("next")
            if not cursor or not answer["branches"]:
                return None

    def create(self, name: str, parent_id: str) -> Branch:
        """Create a branch with its own host, and wait until it is ready.

        If that fails, delete the branch.

        Raises:
            NeonError: The name is taken, or Neon rejects the request.
        """
        if self.find(name):
            raise NeonError(f"There is already a branch {name!r}. Delete it, or use another name.")
        asked = {
            "branch": {"name": name, "parent_id": parent_id},
            "endpoints": [{"type": "read_write"}],
        }
        try:
            answer = self._call("POST", "branches", body=asked)
            self._wait(answer)
        except BaseException as error:
            if not (isinstance(error, _RefusalError) and error.status == HTTPStatus.CONFLICT):
                self._delete_unfinished(name)
            raise
        return Branch(answer["branch"]["id"], answer["branch"]["name"], is_kept=False)

    def _delete_unfinished(self, name: str) -> None:
        """Delete a branch whose creation failed, even if Neon never answered."""
        try:
            branch = self.find(name)
            if branch:
                self.delete(branch)
        except NeonError as error:
            message = (
                f"The branch {name!r} may be there, unfinished: {error}\n"
                f"Delete it, once Neon answers: python -m loader branch delete {name}"
            )
            raise NeonError(message) from error

    def address(self, branch: Branch, database: str, role: str) -> str:
        """Return the direct URL of a database on a branch, with its password."""
        params = {
            "branch_id": branch.id,
            "database_name": database,
            "role_name": role,
            "pooled": "false",
        }
        return str(self._call("GET", "connection_uri", params=params)["uri"])

    def delete(self, branch: Branch) -> None:
        """Delete a branch.

        Raises:
            NeonError: It is the default branch or protected, or Neon rejects the request.
        """
        if branch.is_kept:
            message = (
                f"Cannot delete {branch.name!r}: it is the project's default branch, or protected."
            )
            raise NeonError(message)
        self._wait(self._call("DELETE", f"branches/{branch.id}"))

    def _wait(self, answer: dict[str, Any]) -> None:
        """Wait until Neon has finished the operations in its answer."""
        retry = Retry(_PATIENCE, repeat(_PAUSE))
        for operation in answer.get("operations", []):
            status = operation["status"]
            while status not in _FINISHED:
                if status in _FAILED or not retry.wait():
                    action = operation.get("action", "an operation")
                    message = f"Neon's {action} is {status!r}. Look at Neon Console → Operations."
                    raise NeonError(message)
                path = f"operations/{operation['id']}"
                status = self._call("GET", path)["operation"]["status"]

    def _call(
        self,
        method: str,
        path: str,
        *,
        params: dict[str, str] | None = None,
        body: object = None,
    ) -> dict[str, Any]:
        url = f"{self._settings.api_url}/projects/{self._settings.project_id}/{path}"
        try:
            response = self._connections.to(url).urlopen(
                method,
                f"{url}?{urlencode(params)}" if params else url,
                body=None if body is None else json.dumps(body).encode(),
                headers=self._headers,
                retries=self._retries,
                redirect=False,
                timeout=_TIMEOUT,
            )
        except HTTPError as error:
            problem = proxy_problem(error) or type(reason_of(error)).__name__
            message = f"No answer from Neon's API ({problem}). Try again later."
            if isinstance(reason_of(error), SSLError):
                message = f"Neon's certificate is not trusted. {CA_HINT}"
            raise NeonError(message) from None
        try:
            answer = json.loads(response.data or b"{}")
        except ValueError:
            message = f"Neon answered {response.status} with something other than JSON."
            raise NeonError(message) from None
        if response.status == HTTPStatus.UNAUTHORIZED:
            message = (
                "Neon refuses NEON_API_KEY. Make one in Neon Console → Account settings → API keys."
            )
            raise NeonError(message)
        if response.status >= HTTPStatus.BAD_REQUEST or not isinstance(answer, dict):
            said = answer.get("message", "") if isinstance(answer, dict) else ""
            said = str(said).replace(self._settings.api_key, "***")
            raise _RefusalError(response.status, said)
        return answer
