"""Files on their way, and what others share."""
