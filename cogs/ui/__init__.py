"""What every feature's Discord side shares: one look, one way to answer, one table of errors."""
