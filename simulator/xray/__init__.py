"""From surfaces and a C-arm to a fluoroscopic frame: projection, physics, detector, display, dose."""
