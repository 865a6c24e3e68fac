"""Schema changes of the final tables: contracts, drift, Alembic migrations, Neon branches."""

from dataclasses import dataclass, field

from loader.network import Network


@dataclass(frozen=True, slots=True)
class NeonSettings:
    """How to reach Neon's REST API.

    Args:
        api_key: Not in its `repr`.
        project_id: The project whose branches are meant.
        api_url: Of the API, without a slash at its end.
        network: Proxy and certificates.
    """

    api_key: str = field(repr=False)
    project_id: str
    api_url: str
    network: Network = field(default_factory=Network)
