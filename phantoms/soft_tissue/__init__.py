"""Soft tissue: canal, discs, ligaments, nerve roots, vessels, bowel, trunk, and the texture of bone and gas."""
