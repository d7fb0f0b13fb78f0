"""Reports of an attempt: JSON for machines, one self-contained HTML page for people."""
