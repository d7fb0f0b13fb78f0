"""Who acts in a procedure without a hand on the mouse: scripted operators, as data beside each case."""
