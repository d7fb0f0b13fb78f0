"""Bones: vertebrae, pelvis and ribs as implicit shapes, and the skeleton that poses them."""
