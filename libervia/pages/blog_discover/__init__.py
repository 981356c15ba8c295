"""Blogs and communities to follow."""
