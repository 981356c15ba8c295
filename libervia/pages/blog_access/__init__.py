"""Who can read a blog of ours."""
