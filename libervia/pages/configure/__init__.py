"""Settings of one room, and who is what to it."""
