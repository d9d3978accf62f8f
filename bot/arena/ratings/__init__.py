"""Ratings from votes: Bradley-Terry with intervals by voter, rank ranges, connectedness, fragility, outliers. Pure."""
