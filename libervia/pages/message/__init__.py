"""All about one message."""
