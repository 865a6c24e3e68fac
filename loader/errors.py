"""Errors that stop a command. `str(error)` is the message that a user sees.

LoaderError
├── SettingsError    a setting is missing or malformed
├── WorkspaceError   the workspace or a team's folder does not exist
├── ManifestError    a file of upload results cannot be read
├── LockedError      another run is loading into the same database
├── WarehouseError   the database cannot be reached, read or written
├── SchemaError      the final tables, their contracts and the migrations disagree
├── EngineError      the executor cannot be reached or cannot continue
├── SearchError      the words, the team or the person of a search are invalid
├── NeonError        Neon's API refused something or does not answer
└── BlobError        a blob cannot be stored or read: see blobs/errors.py
"""


class LoaderError(Exception):
    """A failure that the user can fix; the message names the place and the hint."""


class SettingsError(LoaderError):
    """A setting is missing or malformed. The message names it, never its value."""


class WorkspaceError(LoaderError):
    """The workspace or a requested team does not exist."""


class ManifestError(LoaderError):
    """A file of upload results cannot be read or has an invalid form."""


class LockedError(LoaderError):
    """Another run holds the lock."""


class WarehouseError(LoaderError):
    """The database cannot be reached, read or written."""


class SchemaError(LoaderError):
    """The final tables, their contracts and the migrations disagree."""


class EngineError(LoaderError):
    """The executor of a run cannot be reached or cannot continue."""


class SearchError(LoaderError):
    """The words, the team or the person of a search are invalid."""


class NeonError(LoaderError):
    """Neon's API refused a request or does not answer."""
