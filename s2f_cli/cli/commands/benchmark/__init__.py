"""`s2f benchmark`."""
