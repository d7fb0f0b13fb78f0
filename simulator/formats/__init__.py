"""Files in and out: PNG and 16-bit TIFF frames, DICOM XA, and the mesh files that need PyVista.

Import the module that owns the name: :mod:`simulator.formats.images`, :mod:`simulator.formats.dicom`, :mod:`simulator.formats.meshes`.
"""
