"""Searching in all conversations."""
