"""One room."""
