"""The tables. Every one that belongs to a server carries its `guild_id`; rows never leave the stores."""

from bot.db.schema.asking import (
    AllowanceKind,
    AllowanceRow,
    ChannelChoiceRow,
    ChoiceRule,
    ConversationRow,
    MemberChoiceRow,
    PersonaRow,
    TurnImageRow,
    TurnPhase,
    TurnRatingRow,
    TurnReportRow,
    TurnRow,
    UsageHoldRow,
    UsageRow,
)
from bot.db.schema.base import Base
from bot.db.schema.guilds import GuildChannelRow, GuildSettingsRow, KeptAnswerRow, VoterRow
from bot.db.schema.polls import (
    PollBallotRow,
    PollBellRow,
    PollKind,
    PollOptionRow,
    PollPhase,
    PollReveal,
    PollRoleRow,
    PollRow,
)
from bot.db.schema.processes import ProcessLeaseRow

# the newest migration; known here so that a start need not import alembic to see that nothing is to do
HEAD = "0003"

__all__ = [
    "HEAD",
    "AllowanceKind",
    "AllowanceRow",
    "Base",
    "ChannelChoiceRow",
    "ChoiceRule",
    "ConversationRow",
    "GuildChannelRow",
    "GuildSettingsRow",
    "KeptAnswerRow",
    "MemberChoiceRow",
    "PersonaRow",
    "PollBallotRow",
    "PollBellRow",
    "PollKind",
    "PollOptionRow",
    "PollPhase",
    "PollReveal",
    "PollRoleRow",
    "PollRow",
    "ProcessLeaseRow",
    "TurnImageRow",
    "TurnPhase",
    "TurnRatingRow",
    "TurnReportRow",
    "TurnRow",
    "UsageHoldRow",
    "UsageRow",
    "VoterRow",
]
