"""Who is logged in: sessions are kept here and nowhere else, so closing one is final (ASVS 3.3.1)."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from time import monotonic

from sat.api import Signal

IDLE = 30 * 60.0
"""Seconds without a request after which a session ends."""
ABSOLUTE = 12 * 3600.0
"""Seconds after which a session ends in any case."""


class Session:
    """A logged-in browser. The profile comes from here, never from the request."""

    def __init__(self, key: str, profile: str, now: float) -> None:
        self.key, self.profile = key, profile
        self.created = self.seen = now
        self.ended: Signal[None] = Signal()
        self.notice = ""
        """A sentence for the next page, after a redirect."""
        self.written: tuple[str, dict[str, str]] = ("", {})
        """What was being written when the session before this one ended: the path of its page, and its form."""

    def take_notice(self) -> str:
        """The sentence for this page, once."""
        notice, self.notice = self.notice, ""
        return notice

    def take_written(self, path: str) -> dict[str, str]:
        """What was being written on a page, once."""
        if self.written[0] != path:
            return {}
        (_, form), self.written = self.written, ("", {})
        return form


class Sessions:
    """All sessions, by the value of their cookie."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._secret = secrets.token_bytes(32)
        self._sessions: dict[str, Session] = {}

    @staticmethod
    def new_key() -> str:
        """A cookie value: 192 random bits."""
        return secrets.token_urlsafe(24)

    def open(self, profile: str) -> Session:
        """Log a browser in, under a value it never had before (against session fixation)."""
        self.sweep()
        session = Session(self.new_key(), profile, self._clock())
        self._sessions[session.key] = session
        return session

    def find(self, key: str) -> Session | None:
        """The live session of this cookie."""
        session = self._sessions.get(key)
        if session is not None and self._expired(session):
            self.close(session)
            return None
        return session

    def touch(self, session: Session) -> None:
        """Somebody is at the browser."""
        session.seen = self._clock()

    def close(self, session: Session) -> None:
        """Log out; the live connections of the session hear of it."""
        if self._sessions.pop(session.key, None) is not None:
            session.ended.emit(None)

    def of_profile(self, profile: str) -> list[Session]:
        """The sessions of a profile."""
        return [session for session in self._sessions.values() if session.profile == profile]

    def close_profile(self, profile: str) -> None:
        """Log out every browser of a profile."""
        for session in self.of_profile(profile):
            self.close(session)

    def sweep(self) -> None:
        """Close what has expired."""
        for session in [each for each in self._sessions.values() if self._expired(each)]:
            self.close(session)

    def token(self, key: str) -> str:
        """The CSRF token of a cookie. It is derived, so visitors who never log in cost no memory."""
        return hmac.new(self._secret, key.encode("utf-8", "surrogateescape"), hashlib.sha256).hexdigest()

    def token_fits(self, key: str, token: str) -> bool:
        """Whether a form was made for this browser."""
        return bool(key) and hmac.compare_digest(self.token(key).encode(), token.encode("utf-8", "replace"))

    def _expired(self, session: Session) -> bool:
        now = self._clock()
        return now - session.seen > IDLE or now - session.created > ABSOLUTE
