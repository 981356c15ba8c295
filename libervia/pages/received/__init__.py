"""A file that has come."""
