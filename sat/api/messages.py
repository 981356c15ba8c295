"""Messages as every side knows them: what is stored, sent over the bridge and shown."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from sat.api.values import ANYBODY, JID

SEALED = "aesgcm://"
"""How URLs of encrypted files begin (XEP-0454)."""

PAGE_TEXT = 4_000_000
"""Characters of text after which a page ends: an answer has to cross D-Bus, whose messages have 128 MiB at most."""


class MessageKind(StrEnum):
    """The type of a message (RFC 6121 §5.2.2)."""

    CHAT = "chat"
    NORMAL = "normal"
    HEADLINE = "headline"
    ERROR = "error"
    GROUPCHAT = "groupchat"


class MessageState(StrEnum):
    """How far a message has come.

    Ours: PENDING (stored, the server has not acknowledged it), SENT (acknowledged), DELIVERED (the contact's program
    has it, XEP-0184; the room has sent it to everybody), DISPLAYED (the contact has seen it, XEP-0333), FAILED (see
    ``error``). The contact's: UNREAD, then READ.
    """

    PENDING = "pending"
    SENT = "sent"
    DELIVERED = "delivered"
    DISPLAYED = "displayed"
    FAILED = "failed"
    UNREAD = "unread"
    READ = "read"


class Trust(StrEnum):
    """What is thought of a key of somebody: nothing yet (what it signs is not believed, and nothing is encrypted for
    it), BLIND (taken as theirs because it was there first), VERIFIED (compared with what they themselves show), or
    DISTRUSTED."""

    UNDECIDED = "undecided"
    BLIND = "blind"
    VERIFIED = "verified"
    DISTRUSTED = "distrusted"


class Secured(NamedTuple):
    """How a message was encrypted between its author and us: by which ``method``, an empty one where it was not; with
    which ``key`` of the author's (a fingerprint; none for what was written here), and what was thought of that when it
    came. ``whole``: the author's program encrypts what goes with texts, too (reactions, taking back)."""

    method: str = ""
    trust: Trust = Trust.UNDECIDED
    key: str = ""
    whole: bool = False


UNENCRYPTED = "none"
"""Stands for no method where one is named for a single message."""
IN_CLEAR = Secured()
"""Not at all: the servers have read it."""


class Reaction(NamedTuple):
    """An emoji that people have put on a message (XEP-0444): which others, and whether we did."""

    emoji: str
    senders: list[JID]
    own: bool = False


class Attachment(NamedTuple):
    """A file that comes with a message: where it is (XEP-0066), and what is said of it.

    ``name`` is clean: visible characters, no folder. ``size`` is in bytes, ``width`` and ``height`` are in pixels; 0
    and empty are unknown. Nothing of it has been checked; ``hashes`` (XEP-0300: of an algorithm, in Base64) are when
    it is fetched. An encrypted file has the URL ``aesgcm:``, which holds its key (XEP-0454): it is shown to nobody, and
    not asked for as it is. ``sealed`` are the hashes of what is at that place."""

    url: str
    name: str = ""
    type: str = ""
    size: int = 0
    description: str = ""
    width: int = 0
    height: int = 0
    hashes: dict[str, str] = {}  # noqa: RUF012 - a default that nobody changes
    sealed: dict[str, str] = {}  # noqa: RUF012

    @property
    def is_encrypted(self) -> bool:
        """Whether it is encrypted where it is, and its key stands in its URL."""
        return self.url.startswith(SEALED)


class Mention(NamedTuple):
    """The characters of a text from ``begin`` to before ``end`` name somebody (XEP-0372); with ``own``, us."""

    begin: int
    end: int
    jid: JID
    own: bool = False


class Mark(NamedTuple):
    """The characters of a text from ``begin`` to before ``end`` are marked by its author beside the text (XEP-0071):
    ``style`` is “strong”, “emphasis”, “strike” or “code”."""

    begin: int
    end: int
    style: str


class LinkMetadata(NamedTuple):
    """What the sender tells of a link in their text (XEP-0511); nobody has looked whether it is true."""

    url: str
    title: str
    description: str = ""


class Extra(NamedTuple):
    """What goes with a text beside it: how it is meant to be shown.

    ``unstyled``: its asterisks are asterisks (XEP-0393). ``mentions``: who is named in it; in what is sent, the daemon
    finds them. ``attention``: it asks for it, perhaps without a text (XEP-0224). ``spoiler``: it is hidden until
    somebody wants to see it, with a ``hint`` at what it is about (XEP-0382). ``lang``: its language (RFC 5646), where
    that is known; if it came in several, one is shown, and ``bodies`` and ``subjects`` are all, by language. ``links``:
    what is told of links in it. ``marks``: what of it is emphasised, where its signs do not say so themselves. When
    sending, ``links`` and ``marks`` are left out, and ``bodies`` and ``subjects`` are the texts in other languages than
    ``lang``."""

    unstyled: bool = False
    mentions: list[Mention] = []  # noqa: RUF012 - a default that nobody changes
    attention: bool = False
    spoiler: bool = False
    hint: str = ""
    lang: str = ""
    bodies: dict[str, str] = {}  # noqa: RUF012
    subjects: dict[str, str] = {}  # noqa: RUF012
    links: list[LinkMetadata] = []  # noqa: RUF012
    marks: list[Mark] = []  # noqa: RUF012


PLAIN = Extra()
"""Nothing does."""


class Message(NamedTuple):
    """A stored message.

    ``id`` is ours, unique within the profile; it never changes. ``order`` grows with the place in the conversation
    (sort by it, page by it). ``peer`` is the conversation: the contact's bare address, a room's, or for private
    messages in a room ``room/nick``. In a room the ``sender`` is ``room/nick``, or the room itself; ``mention``: the
    text holds our nick, or names us in another way. ``time`` is when it was
    written, in seconds since 1970 UTC. ``error`` is a sentence: why what we wrote did not leave, or why what came
    cannot be read.

    ``edited`` is when it was corrected last, 0 never (XEP-0308); ``retracted``: its author took it back, and nothing of
    it is left (XEP-0424). ``edit_state`` is how far our last change to it has come: SENT when there is nothing to say.
    ``reply`` is the id of the message that it answers, as far as that is stored, ``reply_to`` who wrote that one and
    ``quote`` how it begins (XEP-0461).
    """

    id: str
    order: int
    peer: JID
    sender: JID
    outgoing: bool
    body: str
    time: float
    state: MessageState
    kind: MessageKind = MessageKind.CHAT
    subject: str = ""
    thread: str = ""
    error: str = ""
    delayed: bool = False
    encrypted: Secured = IN_CLEAR
    edited: float = 0.0
    retracted: bool = False
    edit_state: MessageState = MessageState.SENT
    reactions: list[Reaction] = []  # noqa: RUF012  # a default that nobody changes
    reply: str = ""
    reply_to: JID = ANYBODY
    quote: str = ""
    mention: bool = False
    attachments: list[Attachment] = []  # noqa: RUF012  # a default that nobody changes
    extra: Extra = PLAIN

    @property
    def text(self) -> str:
        """What is to be read: nothing where the body only repeats where an attachment is."""
        return "" if any(each.url == self.body for each in self.attachments) else self.body


class Version(NamedTuple):
    """What a corrected message said at a time."""

    time: float
    body: str


class MessageChange(NamedTuple):
    """A stored message has another state now."""

    id: str
    peer: JID
    state: MessageState
    error: str = ""


def may_go_on(page: list[Message], limit: int) -> bool:
    """Whether there may be more behind a page of history that was asked for with this limit."""
    return len(page) >= limit or sum(map(text_size, page)) >= PAGE_TEXT


def text_size(message: Message) -> int:
    """How much of a page a message takes, in characters."""
    others = (*message.extra.bodies.values(), *message.extra.subjects.values())
    return len(message.body) + len(message.subject) + sum(map(len, others))
