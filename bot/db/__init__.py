"""Storage: the tables, sessions, the group-committing writer and migrations; SQLite or PostgreSQL."""
