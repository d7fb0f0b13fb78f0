"""Live and reference monitor: which pulse is shown, how, and which frames the report keeps."""
