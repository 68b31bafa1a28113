"""The tables. Times are milliseconds since 1970 in UTC; whatever may hold a person's words is in a sealed column."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Column, ForeignKey, Index, LargeBinary, MetaData, String, Table, Text, UniqueConstraint
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from serving.review.vault import Vault

ID = String(64)
WORD = String(128)


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
            Index("reviews_by_state", "state", "send_by_ms"),
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
        facts=Table("facts", metadata, Column("name", WORD, primary_key=True), Column("value", Text, nullable=False)),
    )
