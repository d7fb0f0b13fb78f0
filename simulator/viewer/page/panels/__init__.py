"""Panels of the page, declared in Python; each function puts one into the layout that is open."""
