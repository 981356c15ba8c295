"""Creating an account on a server."""
