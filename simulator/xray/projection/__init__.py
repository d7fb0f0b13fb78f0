"""Path lengths through closed surfaces and density blobs, by edge jumps."""
