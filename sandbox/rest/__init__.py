"""REST v10: one module a resource; each has `routes()` that lists what it answers."""
