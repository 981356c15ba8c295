"""What a service refuses, in the words of what was wanted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sat.api.errors import Conflict, InvalidArgument, NotFound, PeerError


@contextmanager
def named(what: str) -> Iterator[None]:
    """NotFound and Conflict say of what they are: there is no ``what``, or there is one already. InvalidArgument: a
    node is not as a publication wants it (XEP-0060 §7.1.5)."""
    try:
        yield
    except PeerError as error:
        if error.details.get("specific") == "precondition-not-met":
            raise InvalidArgument(reason="The node is not as it was to be, so nothing was published.") from error
        match error.details.get("condition"):
            case "item-not-found":
                raise NotFound(what=what) from error
            case "conflict":
                raise Conflict(what=f"The {what}") from error
        raise
