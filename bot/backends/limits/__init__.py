"""What keeps one backend from harming members and others: a line, time-outs, second tries, a circuit breaker."""

from bot.backends.limits.limited import Limited
from bot.backends.limits.rules import Limits, limits_for

__all__ = ["Limited", "Limits", "limits_for"]
