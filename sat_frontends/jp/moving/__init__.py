"""Blogs that move: written to files, and published from files of ours and of other programs."""
