"""The pictures of a conversation."""
