"""Cases as data: schema, reader and the library of case files (the procedure layer fills this package)."""
