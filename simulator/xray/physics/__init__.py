"""The beam and the detector: spectra, attenuation, scatter, brightness control, dose."""
