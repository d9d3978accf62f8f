"""What Discord refuses: one module a kind of body, each raising 50035 with every wrong field at its path."""
