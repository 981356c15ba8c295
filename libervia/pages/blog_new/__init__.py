"""Writing a post."""
