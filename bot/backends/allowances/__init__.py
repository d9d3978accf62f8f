"""How much members, roles and servers may use, in tokens and in money, and what they have used."""

from bot.backends.allowances.service import AllowanceService
from bot.backends.allowances.types import Allowance, AllowanceKind, Hold, Left

__all__ = ["Allowance", "AllowanceKind", "AllowanceService", "Hold", "Left"]
