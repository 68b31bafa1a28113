"""The tables. Times are milliseconds since 1970 in UTC; whatever may hold a person's words is in a sealed column."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from serving.review.vault import Vault

ID = String(64)
WORD = String(128)
FILTERED = ("stage", "send_by_ms", "is_urgent", "area", "policy", "channel", "types")
"""What the queue is filtered by; it stands in the index of its order, so that counting reads no row."""


class Sealed(TypeDecorator[str]):
    """Text that is encrypted in the database. Without a vault the tokens go through as they are."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, vault: Vault | None) -> None:
        super().__init__()
        self.vault = vault

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002
        """Encrypt on the way in."""
        if value is None or self.vault is None:
            return value
        return self.vault.seal(value.encode("utf-8", "surrogatepass"))

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002
        """Decrypt on the way out."""
        if value is None or self.vault is None:
            return value
        return self.vault.open(value).decode("utf-8", "surrogatepass")


@dataclass(frozen=True)
class Tables:
    """Every table, with the vault that opens the sealed columns."""

    metadata: MetaData
    decisions: Table
    reviews: Table
    incidents: Table
    feedback: Table
    api_keys: Table
    audit: Table
    facts: Table
    reviewers: Table
    links: Table
    sessions: Table
    judgements: Table
    notes: Table

    @property
    def sealed(self) -> list[tuple[Table, Column[Any]]]:
        """Return every sealed column."""
        return [(table, column) for table in self.metadata.sorted_tables for column in table.columns if isinstance(column.type, Sealed)]


def make_tables(vault: Vault | None = None) -> Tables:
    """Describe the tables."""
    metadata = MetaData()
    sealed = Sealed(vault)
    return Tables(
        metadata,
        decisions=Table(
            "decisions",
            metadata,
            Column("id", ID, primary_key=True),
            Column("client", WORD, nullable=False),
            Column("reference", ID),
            Column("duplicate_of", ID),
            Column("is_test", Boolean, nullable=False),
            Column("is_shadow", Boolean, nullable=False),
            Column("decided_at_ms", BigInteger, nullable=False, index=True),
            Column("fingerprint", String(64), nullable=False),
            Column("category", WORD, nullable=False),
            Column("action", WORD, nullable=False),
            Column("features", JSON, nullable=False),
            Column("words", sealed),
            UniqueConstraint("client", "reference", name="one_verdict_for_a_reference"),
        ),
        reviews=Table(
            "reviews",
            metadata,
            Column("id", ID, primary_key=True),
            Column("decision_id", ID, ForeignKey("decisions.id", ondelete="CASCADE"), nullable=False, index=True),
            Column("client", WORD, nullable=False),
            Column("state", WORD, nullable=False),
            Column("held_at_ms", BigInteger, nullable=False),
            Column("send_by_ms", BigInteger),
            Column("category", WORD, nullable=False),
            Column("action", WORD, nullable=False),
            Column("clause", WORD),
            Column("decided_at_ms", BigInteger),
            Column("decided_by", sealed),
            Column("text", sealed),
            Column("stage", WORD, nullable=False, server_default="first"),
            Column("weight", Integer, nullable=False, server_default="1"),
            Column("is_urgent", Boolean, nullable=False, server_default=false()),
            Column("policy", WORD),
            Column("channel", WORD),
            Column("area", WORD),
            Column("types", Text, nullable=False, server_default="|"),
            Column("template", String(64)),
            Column("holder", ID),
            Column("held_until_ms", BigInteger),
            Column("is_revealed", Boolean, nullable=False, server_default=false()),
            Column("settles_at_ms", BigInteger),
            Column("change", JSON(none_as_null=True)),
            Index("reviews_by_state", "state", "send_by_ms"),
            Index("reviews_in_order", "state", "weight", "held_at_ms", *FILTERED),
            Index("reviews_by_holder", "holder"),
            Index("reviews_by_template", "template", "state"),
            Index("reviews_to_settle", "settles_at_ms"),
        ),
        incidents=Table(
            "incidents",
            metadata,
            Column("decision_id", ID, primary_key=True),
            Column("client", WORD, nullable=False),
            Column("is_test", Boolean, nullable=False),
            Column("at_ms", BigInteger, nullable=False, index=True),
            Column("category", WORD, nullable=False),
            Column("policy", WORD),
            Column("clause", WORD),
            Column("business_area", sealed),
        ),
        feedback=Table(
            "feedback",
            metadata,
            Column("id", ID, primary_key=True),
            Column("decision_id", ID, ForeignKey("decisions.id", ondelete="CASCADE"), nullable=False, index=True),
            Column("client", WORD, nullable=False),
            Column("at_ms", BigInteger, nullable=False),
            Column("category", WORD, nullable=False),
            Column("types", JSON, nullable=False),
            Column("note", sealed),
        ),
        api_keys=Table(
            "api_keys",
            metadata,
            Column("prefix", ID, primary_key=True),
            Column("client", WORD, nullable=False),
            Column("digest", String(64), nullable=False),
            Column("is_test", Boolean, nullable=False),
            Column("scopes", JSON, nullable=False),
            Column("created_at_ms", BigInteger, nullable=False),
            Column("revoked_at_ms", BigInteger),
        ),
        audit=Table(
            "audit",
            metadata,
            Column("sequence", BigInteger, primary_key=True, autoincrement=False),
            Column("at_ms", BigInteger, nullable=False),
            Column("actor", WORD, nullable=False),
            Column("event", WORD, nullable=False),
            Column("details", Text, nullable=False),
            Column("previous", String(64), nullable=False),
            Column("digest", String(64), nullable=False),
        ),
        reviewers=Table(
            "reviewers",
            metadata,
            Column("id", ID, primary_key=True),
            Column("subject", String(64), nullable=False, unique=True),
            Column("name", sealed, nullable=False),
            Column("roles", JSON, nullable=False),
            Column("seen_at_ms", BigInteger, nullable=False),
        ),
        links=Table(
            "links",
            metadata,
            Column("digest", String(64), primary_key=True),
            Column("reviewer_id", ID, ForeignKey("reviewers.id", ondelete="CASCADE"), nullable=False),
            Column("expires_at_ms", BigInteger, nullable=False),
        ),
        sessions=Table(
            "sessions",
            metadata,
            Column("digest", String(64), primary_key=True),
            Column("reviewer_id", ID, ForeignKey("reviewers.id", ondelete="CASCADE"), nullable=False),
            Column("seen_at_ms", BigInteger, nullable=False),
            Column("expires_at_ms", BigInteger, nullable=False),
            Column("notice", WORD),
            Column("filters", JSON, nullable=False),
        ),
        judgements=Table(
            "judgements",
            metadata,
            Column("id", ID, primary_key=True),
            Column("review_id", ID, ForeignKey("reviews.id", ondelete="CASCADE"), nullable=False, index=True),
            Column("reviewer_id", ID, nullable=False),
            Column("stage", WORD, nullable=False),
            Column("at_ms", BigInteger, nullable=False, index=True),
            Column("category", WORD, nullable=False),
            Column("action", WORD, nullable=False),
            Column("types", JSON, nullable=False),
            Column("spans", JSON, nullable=False),
            Column("agrees", Boolean, nullable=False),
            Column("reason", WORD, nullable=False),
            Column("policy", WORD),
            Column("clause", WORD),
            Column("undone_at_ms", BigInteger),
            Column("together_with", ID, index=True),
            Column("note", sealed),
            Column("text", sealed),
        ),
        notes=Table(
            "notes",
            metadata,
            Column("id", ID, primary_key=True),
            Column("review_id", ID, ForeignKey("reviews.id", ondelete="CASCADE"), nullable=False, index=True),
            Column("reviewer_id", ID, nullable=False),
            Column("at_ms", BigInteger, nullable=False),
            Column("kind", WORD, nullable=False),
            Column("reason", WORD),
            Column("note", sealed),
        ),
        facts=Table("facts", metadata, Column("name", WORD, primary_key=True), Column("value", Text, nullable=False)),
    )
