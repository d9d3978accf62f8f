"""A stand-in Discord on loopback: gateway v10 and REST v10 for bots, a page and a driver for people."""
