"""Implicit shapes: signed distance, smooth joins, swept tubes, lofted trunks, narrow bands on a grid."""
