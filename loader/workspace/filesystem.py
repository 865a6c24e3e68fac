"""Open object stores and local folders through fsspec."""

from typing import Any

from fsspec.core import url_to_fs

from loader.errors import SettingsError

_PACKAGES = {"s3": "s3fs", "gs": "gcsfs", "az": "adlfs"}
# Otherwise s3fs would ask for the size first, to read large files in pieces.
_OPTIONS: dict[str, dict[str, Any]] = {"s3": {"max_concurrency": 1}}


def open_filesystem(url: str) -> tuple[Any, str]:
    """Return the file system of a path or URL, and the path in it without a final slash.

    The store's own library finds the credentials: in the environment, a profile or the machine.
    Listings are not cached.

    Raises:
        SettingsError: The store's library is not installed.
    """
    scheme = url.partition("://")[0]
    try:
        found, root = url_to_fs(url, use_listings_cache=False, **_OPTIONS.get(scheme, {}))
    except ImportError:
        name = _PACKAGES.get(scheme, "its library")
        message = f"{scheme}:// needs {name!r}. Install it: pip install {name}"
        raise SettingsError(message) from None
    return found, root.rstrip("/")
