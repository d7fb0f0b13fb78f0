"""The schema of a case file: one pydantic model per part."""
