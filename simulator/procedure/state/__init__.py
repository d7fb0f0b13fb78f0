"""The procedure at one moment, part by part, as frozen records."""
