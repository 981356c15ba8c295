"""What we tell of ourselves."""
