"""The arena on Discord: battles, votes, boards."""
