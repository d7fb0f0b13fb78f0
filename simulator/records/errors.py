"""What can go wrong with a database, in one line."""


class RecordsError(ValueError):
    """A database that cannot be opened, read or written: names it, says why and what to do. An attempt can go on without it."""
