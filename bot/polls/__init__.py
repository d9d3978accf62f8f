"""Polls: a question, its options, secret ballots until it closes, and the count."""
