"""Triangle meshes: topology, marching, decimation, repair of scanned meshes."""
