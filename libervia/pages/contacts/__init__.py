"""The contact list and requests."""
