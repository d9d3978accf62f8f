"""Gateway v10: sessions, intents, compression and delivery."""
