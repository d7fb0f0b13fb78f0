"""The tissue field: compartments in a tree, and the label of any point."""
