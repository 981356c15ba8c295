"""What can come of a message, and of what a person asks a conversation to do. Nothing of it is an exception.

Texts in them are the peer's, cleaned (``sat.otr.text``), not trusted. Fingerprints are as ``sat.otr.keys.fingerprint``
writes them.
"""

from __future__ import annotations

from enum import Enum, StrEnum
from typing import NamedTuple


class State(Enum):
    """What a conversation is now."""

    PLAIN = "plain"
    ENCRYPTED = "encrypted"
    FINISHED = "finished"
    """The peer has ended the encryption. Nothing leaves until somebody says how it is to go on."""


class Policy(StrEnum):
    """When we begin."""

    NEVER = "never"
    """OTR is not looked at: all is plain text."""
    MANUAL = "manual"
    """When our person asks for it."""
    ASKED = "asked"
    """Also when a contact asks for it, or says in passing that their program knows it."""


class Plain(NamedTuple):
    """A text that nobody had encrypted, while nobody expected it to be. As it came, but for an offer hidden in it."""

    text: str


class Unencrypted(NamedTuple):
    """A text that nobody had encrypted, although the conversation is: anybody on the way may have written it."""

    text: str


class Text(NamedTuple):
    """A text that was encrypted, by whoever has the key with this fingerprint."""

    text: str
    fingerprint: str


class Asked(NamedTuple):
    """The peer would like to begin. ``start`` says yes; to do nothing says no, and they learn nothing."""


class Started(NamedTuple):
    """The conversation is encrypted from here on, with whoever has this key.

    ``before`` is the fingerprint that it was encrypted for until now, or nothing. When it is another one, somebody else
    may have come between: that must be told before anything is written."""

    fingerprint: str
    verified: bool
    before: str = ""


class Ended(NamedTuple):
    """The peer has ended the encryption."""


class Error(NamedTuple):
    """What the peer's program says has gone wrong there. Nothing protects it from being made up."""

    text: str


class Reason(Enum):
    """Why a message could not be read."""

    MALFORMED = "malformed"
    """It is damaged, or not the protocol's."""
    NOT_PRIVATE = "not-private"
    """It is encrypted, and the conversation is not, or no longer."""
    UNREADABLE = "unreadable"
    """It is encrypted for somebody else, was changed on the way, or was sent before."""
    EXCHANGE = "exchange"
    """The exchange of keys failed: a key is not whose it should be."""
    VERSION = "version"
    """The peer knows other versions only."""


class Unreadable(NamedTuple):
    """A message that could not be read."""

    reason: Reason


class Question(NamedTuple):
    """The peer wants to compare secrets: ``answer`` with ours, or ``abort_comparing``. The question is by whoever has
    the peer's key, and may be empty. Show it as a quotation."""

    text: str


class Result(Enum):
    """How comparing secrets ended."""

    SAME = "same"
    """Both know the same: the fingerprint is that of whom we think."""
    PROVED = "proved"
    """We knew the answer to their question. They may trust us now; we have learned nothing of them."""
    DIFFERENT = "different"
    """They do not know the same, or somebody has come between."""
    ABORTED = "aborted"
    """The peer did not want to go on."""
    BROKEN = "broken"
    """What came was out of turn, or a false proof."""


class Compared(NamedTuple):
    """Comparing secrets has come to its end, for the key with this fingerprint."""

    result: Result
    fingerprint: str


class Refusal(Enum):
    """Why something is not done."""

    NEVER = "never"
    """The policy is not to use OTR."""
    NOT_ENCRYPTED = "not-encrypted"
    """The conversation is not encrypted."""
    FINISHED = "finished"
    """The peer has ended the encryption: start again, or end it here, too."""
    NOT_ASKED = "not-asked"
    """There is no question to answer."""
    TOO_LONG = "too-long"
    """It is longer than a message can be."""


Outcome = Plain | Unencrypted | Text | Asked | Started | Ended | Error | Unreadable | Question | Compared
