"""What is published by all that is followed."""
