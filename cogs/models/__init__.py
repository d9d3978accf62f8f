"""Which models there are, how open each is, and how it is just now."""
