"""From line integrals to the picture on the monitor: pulse, noise, readout, modes, display."""
