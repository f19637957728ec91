"""`s2f translate`."""
