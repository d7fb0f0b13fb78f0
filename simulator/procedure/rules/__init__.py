"""How an action and the passing of time change the state."""
