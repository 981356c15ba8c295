"""Sending a file."""
