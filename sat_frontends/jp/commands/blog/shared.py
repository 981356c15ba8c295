"""Arguments that several commands have."""

from __future__ import annotations

from sat_frontends.jp.command import option, positional
from sat_frontends.jp.failure import usage

POST = positional("POST", "its address, as jp blog list shows it: bob//ID, SERVICE/NODE/ID or xmpp:…")
BLOG = positional("BLOG", "whose: a contact's name or address, SERVICE/NODE, or xmpp:…", many="?", complete="contact")
LIMIT = option("-n", "--limit", metavar="NUMBER", help="at most so many, 20 if not given", kind=int, default=20)
COMMUNITY = option(
    "-c", "--community", metavar="SERVICE/NODE", help="there, and not in your own blog", default="", complete="value"
)
LANGUAGE = option(
    "-l",
    "--language",
    "--lang",
    metavar="LANGUAGE",
    help="in this language (fr, pt-BR) where there is one; on a terminal yours if not given",
    default="",
    complete="value",
)


def at_least_one(limit: int) -> int:
    """Failure for what is no number of posts."""
    if limit < 1:
        raise usage("--limit is at least 1.")
    return limit
