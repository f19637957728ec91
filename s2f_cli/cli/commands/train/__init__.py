"""`s2f train`."""
