"""`s2f runs`."""
