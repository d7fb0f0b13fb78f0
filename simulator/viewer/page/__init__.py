"""The page: layout, state, the socket to the browser, and the client of the engine's process."""
