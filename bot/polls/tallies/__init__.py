"""Counting by rule: plurality, approval, score, STAR, instant runoff, Borda, Schulze, ranked pairs. Pure."""
