"""Live and reference monitor of the page: when a pulse is drawn, how sharp, and what goes to the browser."""
