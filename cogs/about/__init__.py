"""What the bot is and how to use it."""
