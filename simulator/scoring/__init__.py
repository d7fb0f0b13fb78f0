"""From measured quantities and criteria to a score: a gate, five axes, and every lost point explained. Pure; it knows no anatomy."""
