"""Polls on Discord: the commands, the controls, the cards."""
