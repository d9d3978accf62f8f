"""Private answers that Discord no longer took: kept for a while, for their owner alone."""
