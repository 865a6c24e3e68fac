"""Schema changes of the final tables: contracts, drift, Alembic migrations, Neon branches."""

from dataclasses import dataclass, field

from loader.network import Network


@dataclass(frozen=True, slots=True)
class NeonSettings:
    """Settings for Neon's REST API.

    Args:
        api_key: The API key; not shown in the `repr`.
        project_id: The project that holds the branches.
        api_url: The API's address, without a trailing slash.
        network: Proxy and certificates.
    """

    api_key: str = field(repr=False)
    project_id: str
    api_url: str
    network: Network = field(default_factory=Network)
