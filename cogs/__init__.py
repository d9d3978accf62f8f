"""The Discord side of Rostrum: a client, and for each feature a cog that turns events into service calls and cards."""
