"""${message}"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

__all__ = ["op", "postgresql", "sa"]

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
% if config.attributes["takes_over"]:
    # Only what another system filled has this shape: other databases are already as it leaves it.
    if not op.get_context().opts["takes_over"]:
        return
% endif
    ${config.attributes["upgrade"]}


def downgrade() -> None:
% if config.attributes["takes_over"]:
    # The contracts are the same before and after it. To undo it, restore the database.
    pass
% else:
    ${config.attributes["downgrade"]}
% endif
