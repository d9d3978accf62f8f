"""Polls on Discord: the command, the buttons, the cards."""
