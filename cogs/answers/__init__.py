"""Opening private answers that were kept."""
