"""Why a database refused, in words that say what to do."""

from sqlalchemy.exc import DBAPIError

SQLITE = {
    "SQLITE_BUSY": "another program has kept it locked for too long; end that program or try again",
    "SQLITE_LOCKED": "another program has kept it locked for too long; end that program or try again",
    "SQLITE_READONLY": "cannot be written; allow writing to the file and its folder, or give another --database",
    "SQLITE_PERM": "cannot be written; allow writing to the file and its folder, or give another --database",
    "SQLITE_CANTOPEN": "cannot be opened; look whether its folder exists and may be written, or give another --database",
    "SQLITE_NOTADB": "is no database; give another --database",
    "SQLITE_CORRUPT": "is damaged; put it aside and take a backup, or give another --database",
    "SQLITE_FULL": "the disk is full; make room, or give another --database",
    "SQLITE_IOERR": "the disk does not answer; look after it, or give another --database",
}
OLD = (("no such table", "holds no attempts"), ("no such column", "was made by another epifluoro; give another --database"))


def describe_error(error: DBAPIError) -> str:
    """What to say of an error of a driver: one line, never with the statement or the password.

    Parameters
    ----------
    error : DBAPIError
        As SQLAlchemy raised it.
    """
    cause = error.orig
    name = getattr(cause, "sqlite_errorname", "")
    for start, words in SQLITE.items():
        if name.startswith(start):
            return words
    text = " ".join(str(cause).split()) or type(error).__name__
    for start, words in OLD:
        if text.startswith(start):
            return words
    return f"the database refused ({text[:300]})"
