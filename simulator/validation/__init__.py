"""Comparisons of what the simulator makes with what has been published, as tables."""
