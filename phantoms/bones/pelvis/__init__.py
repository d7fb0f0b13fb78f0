"""The pelvic ring: sacrum, coccyx, innominate bones, femoral heads."""
