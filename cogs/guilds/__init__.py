"""What a server sets for itself on Discord: the command, the card, the forms, the log channel."""
