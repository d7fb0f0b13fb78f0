"""A class on one machine: roster, seats, links, load."""
