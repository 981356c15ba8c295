"""Whether a request that changes something comes from our own page (ASVS 4.2.2)."""

from __future__ import annotations

from urllib.parse import urlsplit


def split_host(host: str) -> tuple[str, str]:
    """Name and port of a ``Host`` header, in lower case; ``[::1]:80`` is ``::1`` and ``80``."""
    host = host.strip().lower()
    if host.startswith("["):
        name, _, port = host[1:].partition("]")
        return name, port.removeprefix(":")
    name, _, port = host.partition(":")
    return name.removesuffix("."), port


def host_allowed(host: str, allowed: frozenset[str]) -> bool:
    """Whether we are called by a name that is ours (against DNS rebinding)."""
    return split_host(host)[0] in allowed


def origin_allowed(origin: str, host: str, fetch_site: str, *, https: bool) -> bool:
    """Whether ``Origin`` is the site that ``Host`` names; ``null`` passes only where the browser itself says that
    the request stays within the site, and no ``Origin`` at all only where it says nothing (not a browser)."""
    if not origin:
        return fetch_site in ("", "same-origin")
    if origin == "null":
        return fetch_site == "same-origin"
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    schemes = ("https",) if https else ("http", "https")
    return parts.scheme in schemes and bool(parts.netloc) and split_host(parts.netloc) == split_host(host)
