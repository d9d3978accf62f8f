"""Questions that members ask, and the answers of models."""
