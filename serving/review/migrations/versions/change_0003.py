"""The smallest change that would let a held message go."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make room for it."""
    op.add_column("reviews", sa.Column("change", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Take it out again."""
    op.drop_column("reviews", "change")
