"""One module, or package, a command."""
