"""What an actor can do, and how an action is written in logs and scripts."""
