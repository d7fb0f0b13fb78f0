"""Speed and accuracy side by side; ``python -m benchmarks`` (or ``make bench``) prints one table."""
