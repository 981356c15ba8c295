"""Pictures of contacts."""
