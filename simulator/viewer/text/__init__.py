"""The words of the page, and the fields and buttons that carry them."""
