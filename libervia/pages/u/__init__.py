"""Blogs for everybody."""
