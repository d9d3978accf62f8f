"""Every exception Rostrum raises on purpose.

RostrumError
├── UserError              shown to the person as it is: says what is wrong and what to do
│   ├── InvalidInputError  something typed does not fit; names the field
│   ├── NotFoundError      what was asked for is not there (any more)
│   ├── ClosedError        too late: it no longer takes this
│   ├── NotYetError        too early: what was asked for is still being worked on
│   ├── NotAllowedError    the person lacks the right
│   ├── QuotaError         what the person or the server may use is used up; says when there is more
│   └── ModelError         a model gave no answer; `trouble` says why
├── ServiceError           our side failed; the person gets an apology and a reference
│   └── OutcomeUnknownError  it is not known whether what was sent is stored; sending it again does no harm
└── StartError             one readable line for the operator, then the process ends
    ├── SettingsError      names the setting
    └── DatabaseError      not reachable, in use by another bot, or from a newer version
"""

from enum import StrEnum


class RostrumError(Exception):
    """The root of the tree."""


class UserError(RostrumError):
    """Something the person can mend; its text is written for them."""


class InvalidInputError(UserError):
    """A typed value does not fit; `field` says which one."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


class NotFoundError(UserError):
    """What was asked for does not exist, or no longer."""


class ClosedError(UserError):
    """It no longer takes what was sent."""


class NotYetError(UserError):
    """What was asked for is still being worked on."""


class NotAllowedError(UserError):
    """The person may not do this."""


class QuotaError(UserError):
    """What a member or a server may use is used up; the text says when there is more."""


class Trouble(StrEnum):
    """Why a model gave no answer, or not all of it."""

    NOT_CONFIGURED = "not configured"
    KEY = "key"
    CREDIT = "credit"
    FORBIDDEN = "forbidden"
    NO_SUCH_MODEL = "no such model"
    TOO_LONG = "too long"
    REFUSED = "refused"
    FILTERED = "filtered"
    EMPTY = "empty"
    BUSY = "busy"
    OVERLOADED = "overloaded"
    UNREACHABLE = "unreachable"
    SILENT = "silent"
    CUT_OFF = "cut off"
    MALFORMED = "malformed"
    WORKER_DIED = "worker died"
    NO_MEMORY = "no memory"
    NO_DISK = "no disk"
    WEIGHTS = "weights"
    EGRESS = "egress"
    UNFIT = "unfit"


class ModelError(UserError):
    """A model gave no answer, or not all of it. The text is for the member and says what to do next.

    `retry_after` (seconds) is what the other side asked for. `detail` is for the operator (log, `rostrum models`); it
    holds no key and nothing that a member wrote.
    """

    def __init__(
        self, trouble: Trouble, text: str, *, retry_after: float | None = None, detail: str = "", model: str = ""
    ) -> None:
        super().__init__(text)
        self.trouble = trouble
        self.retry_after = retry_after
        self.detail = detail
        self.model = model


class ServiceError(RostrumError):
    """Our side failed in a way that was foreseen; may work when tried again."""


class OutcomeUnknownError(ServiceError):
    """The database went away in the middle: it may be stored or not. Sent again it counts once."""


class StartError(RostrumError):
    """The process cannot go on; the text is one line for the operator."""


class SettingsError(StartError):
    """A setting is wrong; the text names it."""


class DatabaseError(StartError):
    """The database cannot be used as it is."""
