"""What page, engine and class share: modes, folders of attempts, start-up values, the seat's heartbeat."""
