"""Files: patient files, imported meshes with their sidecar, and the disk cache of built surfaces."""
