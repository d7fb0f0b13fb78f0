"""Words that a case file, a log and a report share, as enums."""
