"""What the rest is built on; knows nothing of faces or networks."""
