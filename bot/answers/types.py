"""What travels through kept answers; all of it frozen."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """A private answer to one person: its name in lists, its text in Markdown, and a file if it has one."""

    guild_id: int
    member_id: int
    title: str
    body: str
    file_name: str | None = None
    file: bytes | None = None


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """A line in the list of what is kept; one that is not ready is still being worked on."""

    answer_id: int
    title: str
    made_at: datetime
    gone_at: datetime
    is_ready: bool
