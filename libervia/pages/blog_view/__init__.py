"""Blogs, communities and posts, for who is logged in."""
