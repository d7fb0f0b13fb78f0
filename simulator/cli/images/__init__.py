"""The commands that make images: options, patients, views, needles, files."""
