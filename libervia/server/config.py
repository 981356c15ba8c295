"""What the command line says about the server."""

from __future__ import annotations

from typing import NamedTuple

LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Config(NamedTuple):
    """How the server is reached.

    ``public_hosts`` are the names under which a proxy publishes it. ``https`` says that the proxy speaks TLS to
    browsers: cookies become ``Secure`` and its ``X-Forwarded-For`` is believed. ``allow_new`` lets somebody log in
    with an account that this daemon does not know yet. ``public_blogs`` lets everybody read the blogs of profiles that
    want it; without it there are none.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    public_hosts: tuple[str, ...] = ()
    https: bool = False
    allow_new: bool = True
    public_blogs: bool = True

    @property
    def hosts(self) -> frozenset[str]:
        """The names that a ``Host`` header may hold, in lower case and without port."""
        bound = () if self.host in ("0.0.0.0", "::", "") else (self.host,)  # noqa: S104 - compared, not bound
        return frozenset(name.lower() for name in (*LOOPBACK, *bound, *self.public_hosts))

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the server."""
        return self.host in LOOPBACK

    @property
    def private(self) -> bool:
        """Whether only this machine can reach it, and no proxy publishes it either."""
        return self.loopback and not self.public_hosts
