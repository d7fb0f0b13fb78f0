"""Plausible patients by seed, age, sex and body-mass index."""
