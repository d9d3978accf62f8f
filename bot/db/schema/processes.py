"""The table of the processes that share a database."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.columns import UtcDateTime
from bot.db.schema.base import Base


class ProcessLeaseRow(Base):
    """A process that lives, and when it last said so; what a process without a row holds belongs to nobody."""

    __tablename__ = "process_leases"

    holder: Mapped[str] = mapped_column(String(32), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
