"""Models that answer: one contract, and everybody who keeps it."""
