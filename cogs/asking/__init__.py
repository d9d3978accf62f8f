"""Asking models on Discord: the commands, the growing answers, their controls and cards."""
