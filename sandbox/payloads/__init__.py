"""From the world to Discord's JSON: pure functions, one module a resource, ids as strings and times as ISO 8601."""
