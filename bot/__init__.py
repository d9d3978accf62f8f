"""Rostrum without Discord: settings, data and the services behind every feature."""
