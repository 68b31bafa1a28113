"""Judgements made together, and messages found by their template."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make room for them."""
    op.add_column("judgements", sa.Column("together_with", sa.String(length=64), nullable=True))
    op.create_index(op.f("ix_judgements_together_with"), "judgements", ["together_with"], unique=False)
    op.create_index("reviews_by_template", "reviews", ["template", "state"], unique=False)


def downgrade() -> None:
    """Take them out again."""
    op.drop_index("reviews_by_template", "reviews")
    op.drop_index(op.f("ix_judgements_together_with"), "judgements")
    op.drop_column("judgements", "together_with")
