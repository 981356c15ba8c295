"""The account at its server."""
