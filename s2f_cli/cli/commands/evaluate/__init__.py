"""`s2f evaluate`."""
