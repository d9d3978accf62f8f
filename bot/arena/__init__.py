"""The blind arena: two anonymous answers, a vote, and a board that says how sure it is."""
