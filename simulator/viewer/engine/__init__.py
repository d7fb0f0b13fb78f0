"""The engine's process: it owns the attempt, runs it by the clock and sends what has changed."""
