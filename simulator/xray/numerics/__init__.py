"""Array work in bands of rows, and interpolation between coarse and fine cells."""
