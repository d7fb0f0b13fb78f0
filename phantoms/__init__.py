"""Anatomy: implicit shapes, closed surfaces, tissue field, landmarks, parameters, population.

Everything is in the world frame (DICOM LPS, mm) described in :mod:`simulator.geometry`; this package knows nothing of the simulator.
"""
