"""Folders of object stores and of this machine, through fsspec."""

from typing import Any

from fsspec.core import url_to_fs

from loader.errors import SettingsError

_PACKAGES = {"s3": "s3fs", "gs": "gcsfs", "az": "adlfs"}
# s3fs would ask for the size first, to read large files in pieces.
_OPTIONS: dict[str, dict[str, Any]] = {"s3": {"max_concurrency": 1}}


def open_filesystem(url: str) -> tuple[Any, str]:
    """The file system of a path or URL, and the place in it, without a slash at its end.

    Credentials are those of the store's own library: of the environment, a profile or the machine.
    A listing is not kept.

    Raises:
        SettingsError: The store's library is not installed.
    """
    scheme = url.partition("://")[0]
    try:
        found, root = url_to_fs(url, use_listings_cache=False, **_OPTIONS.get(scheme, {}))
    except ImportError:
        name = _PACKAGES.get(scheme, "its library")
        message = f"{scheme}:// needs {name}. Install it: pip install {name}"
        raise SettingsError(message) from None
    return found, root.rstrip("/")
