"""What polls look like; each function shows one frozen value."""
