"""The way to a blog."""
