"""A file that came with a message."""
