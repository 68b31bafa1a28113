"""The review desk: its order, leases, people, judgements and notes."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_NEW_COLUMNS = (
    ("stage", sa.String(length=128), "first"),
    ("weight", sa.Integer(), "1"),
    ("is_urgent", sa.Boolean(), sa.false()),
    ("policy", sa.String(length=128), None),
    ("channel", sa.String(length=128), None),
    ("area", sa.String(length=128), None),
    ("types", sa.Text(), "|"),
    ("template", sa.String(length=64), None),
    ("holder", sa.String(length=64), None),
    ("held_until_ms", sa.BigInteger(), None),
    ("is_revealed", sa.Boolean(), sa.false()),
    ("settles_at_ms", sa.BigInteger(), None),
)
_INDICES = (
    ("reviews_in_order", ["state", "weight", "held_at_ms", "stage", "send_by_ms", "is_urgent", "area", "policy", "channel", "types"]),
    ("reviews_by_holder", ["holder"]),
    ("reviews_to_settle", ["settles_at_ms"]),
)


def upgrade() -> None:
    """Add what the desk needs."""
    for name, kind, default in _NEW_COLUMNS:
        op.add_column("reviews", sa.Column(name, kind, nullable=default is None, server_default=default))
    for name, columns in _INDICES:
        op.create_index(name, "reviews", columns, unique=False)
    op.create_table(
        "reviewers",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("seen_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("subject"),
    )
    op.create_table(
        "links",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("reviewer_id", sa.String(length=64), nullable=False),
        sa.Column("expires_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["reviewer_id"], ["reviewers.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_table(
        "sessions",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("reviewer_id", sa.String(length=64), nullable=False),
        sa.Column("seen_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("expires_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("notice", sa.String(length=128), nullable=True),
        sa.Column("filters", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["reviewer_id"], ["reviewers.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_table(
        "judgements",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("review_id", sa.String(length=64), nullable=False),
        sa.Column("reviewer_id", sa.String(length=64), nullable=False),
        sa.Column("stage", sa.String(length=128), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("category", sa.String(length=128), nullable=False),
        sa.Column("action", sa.String(length=128), nullable=False),
        sa.Column("types", sa.JSON(), nullable=False),
        sa.Column("spans", sa.JSON(), nullable=False),
        sa.Column("agrees", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=128), nullable=False),
        sa.Column("policy", sa.String(length=128), nullable=True),
        sa.Column("clause", sa.String(length=128), nullable=True),
        sa.Column("undone_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("text", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["review_id"], ["reviews.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_judgements_review_id"), "judgements", ["review_id"], unique=False)
    op.create_index(op.f("ix_judgements_at_ms"), "judgements", ["at_ms"], unique=False)
    op.create_table(
        "notes",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("review_id", sa.String(length=64), nullable=False),
        sa.Column("reviewer_id", sa.String(length=64), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=128), nullable=False),
        sa.Column("reason", sa.String(length=128), nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["review_id"], ["reviews.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_notes_review_id"), "notes", ["review_id"], unique=False)


def downgrade() -> None:
    """Take it out again."""
    for table in ("notes", "judgements", "sessions", "links", "reviewers"):
        op.drop_table(table)
    for name, _ in _INDICES:
        op.drop_index(name, "reviews")
    for name, _, _ in _NEW_COLUMNS:
        op.drop_column("reviews", name)
