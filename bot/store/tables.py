"""The tables, as the newest migration leaves them. Texts of citizens stand in ``words`` alone."""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect


class Instant(TypeDecorator[datetime]):
    """An aware moment, kept in UTC; SQLite, which knows no zones, keeps it without one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be stored")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# SQLite numbers rows by itself only for INTEGER PRIMARY KEY.
RowId = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

consultations = Table(
    "consultations",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("receipt", String(14), nullable=False, unique=True),
    Column("channel", String(16), nullable=False),
    Column("asker", LargeBinary(32), nullable=False),
    Column("owner", String(16), nullable=False),
    Column("state", String(24), nullable=False),
    Column("outcome", String(24)),
    Column("expected_outcome", String(24)),
    Column("topic", String(48)),
    Column("topics", JSON, nullable=False),
    Column("nature", String(16), nullable=False),
    Column("region", String(64)),
    Column("agency", String(64)),
    Column("caller_type", String(16)),
    Column("opened_at", Instant, nullable=False),
    Column("touched_at", Instant, nullable=False),
    Column("answered_at", Instant),
    Column("closed_at", Instant),
    Column("first_closed_at", Instant),
    Column("first_outcome", String(24)),
    Column("timer_at", Instant),
    Column("due_at", Instant),
    Column("clarifications", SmallInteger, nullable=False),
    Column("labels", JSON, nullable=False),
    Column("rating", String(24)),
    Column("version", Integer, nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    Index("ix_consultations_asker", "asker", "channel", "id"),
    Index("ix_consultations_timer_at", "timer_at"),
    Index("ix_consultations_opened_at", "opened_at"),
    Index("ix_consultations_first_closed_at", "first_closed_at"),
)
# What is in hand is a small part of all there ever was, and looked at all the time.
Index(
    "ix_consultations_in_hand",
    consultations.c.due_at,
    consultations.c.id,
    sqlite_where=consultations.c.closed_at.is_(None),
    postgresql_where=consultations.c.closed_at.is_(None),
)

events = Table(
    "events",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("consultation_id", ForeignKey("consultations.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("kind", String(24), nullable=False),
    Column("at", Instant, nullable=False),
    Column("actor", String(48), nullable=False),
    Column("facts", JSON, nullable=False),
    Column("text_digest", LargeBinary(32)),
    Column("digest", LargeBinary(32), nullable=False),
    UniqueConstraint("consultation_id", "number", name="uq_events_consultation_id"),
)

words = Table(
    "words",
    metadata,
    Column("event_id", ForeignKey("events.id"), primary_key=True),
    Column("salt", LargeBinary(16), nullable=False),
    Column("text", Text, nullable=False),
)

received = Table(
    "received",
    metadata,
    Column("channel", String(16), primary_key=True),
    Column("external_id", LargeBinary(32), primary_key=True),
    Column("event_id", ForeignKey("events.id"), nullable=False),
    Column("content_digest", LargeBinary(32), nullable=False),
    Column("at", Instant, nullable=False),
)

contacts = Table(
    "contacts",
    metadata,
    Column("consultation_id", ForeignKey("consultations.id"), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("event_id", ForeignKey("events.id"), nullable=False),
    Column("consultation_id", ForeignKey("consultations.id"), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("audience", String(8), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("values", JSON, nullable=False),
    Column("status", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("not_before", Instant, nullable=False),
    Column("leased_until", Instant),
    Column("settled_at", Instant),
    Column("message_ref", String(64)),
    Column("problem", String(200)),
    Index("ix_outbox_status", "status", "not_before", "id"),
    Index("ix_outbox_event_id", "event_id", "id"),
    Index("ix_outbox_consultation_id", "consultation_id", "id"),
    Index("ix_outbox_message_ref", "message_ref"),
)

guide_versions = Table(
    "guide_versions",
    metadata,
    Column("version", String(64), primary_key=True),
    Column("guide_id", String(48), nullable=False),
    Column("source", Text, nullable=False),
    Column("seen_at", Instant, nullable=False),
)

staff = Table(
    "staff",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("name", String(64), nullable=False),
    Column("role", String(16), nullable=False),
    Column("agency", String(64)),
    Column("telegram", LargeBinary(32), unique=True),
    Column("disabled", Boolean, nullable=False),
    Column("added_at", Instant, nullable=False),
)

sign_in_links = Table(
    "sign_in_links",
    metadata,
    Column("token", LargeBinary(32), primary_key=True),
    Column("staff_id", ForeignKey("staff.id")),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
)

staff_sessions = Table(
    "staff_sessions",
    metadata,
    Column("token", LargeBinary(32), primary_key=True),
    Column("staff_id", ForeignKey("staff.id"), nullable=False),
    Column("expires_at", Instant, nullable=False),
)

drafts = Table(
    "drafts",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("consultation_id", ForeignKey("consultations.id"), nullable=False),
    Column("staff_id", ForeignKey("staff.id"), nullable=False),
    Column("text", Text, nullable=False),
    Column("written_at", Instant, nullable=False),
    Column("settled", String(16)),
)

wrong_codes = Table(
    "wrong_codes",
    metadata,
    Column("receipt", String(14), primary_key=True),
    Column("count", SmallInteger, nullable=False),
    Column("locked_until", Instant),
)

dead_letters = Table(
    "dead_letters",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("channel", String(16), nullable=False),
    Column("external_id", LargeBinary(32), nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    Column("problem", String(200), nullable=False),
    Column("at", Instant, nullable=False),
    UniqueConstraint("channel", "external_id", name="uq_dead_letters_channel"),
)
