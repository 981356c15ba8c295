"""Changing a post."""
