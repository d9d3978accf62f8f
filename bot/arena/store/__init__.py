"""Keeps battles, votes and exclusions; only the arena service uses it."""
