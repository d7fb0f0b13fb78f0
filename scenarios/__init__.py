"""Cases as data: schema, reader and the library of case files."""
