"""What can stop a command. `str(error)` is the message that a user sees.

LoaderError
├── SettingsError    a setting is missing or malformed
├── WorkspaceError   the workspace or a team's folder is not there
├── ManifestError    a file of upload results cannot be read
├── LockedError      another run is loading into the same database
├── WarehouseError   the database cannot be reached, read or written
├── SchemaError      the final tables, their contracts and the migrations do not fit
├── EngineError      those who do the tasks of a run cannot go on
├── SearchError      words, a team or a person cannot be searched for
├── NeonError        Neon's API refused something or does not answer
└── BlobError        a blob could not be stored or read: see blobs/errors.py
"""


class LoaderError(Exception):
    """A failure that the user can fix; the message says where and how."""


class SettingsError(LoaderError):
    """A setting is missing or malformed. The message names it, never its value."""


class WorkspaceError(LoaderError):
    """The workspace, or a team that was asked for, is not there."""


class ManifestError(LoaderError):
    """A file of upload results cannot be read, or is of another form."""


class LockedError(LoaderError):
    """Another run holds the lock."""


class WarehouseError(LoaderError):
    """The database cannot be reached, read or written."""


class SchemaError(LoaderError):
    """The final tables, their contracts and the migrations do not fit together."""


class EngineError(LoaderError):
    """Those who do the tasks of a run cannot be reached, or cannot go on."""


class SearchError(LoaderError):
    """The words of a search, or its team or person, are not to be used as they are."""


class NeonError(LoaderError):
    """Neon's API refused something, or does not answer."""
