"""The simulator: geometry, X-ray, and (in later layers) needle, contrast, procedure and its faces.

For education and research only; never for guiding a real needle.
"""

__version__ = "0.1.0"
