"""Typed clients of the daemon: ``blocking.connect()`` for programs without an event loop, ``aio.connect()`` for others.

Nothing is imported here, so that a program pays only for what it uses.
"""
