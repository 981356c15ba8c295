"""End-to-end encryption as people see it: whether a conversation has it, and whose keys they trust."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from sat.api import JID, Api, Secret, method, signal
from sat.api.messages import Trust


class MethodInfo(NamedTuple):
    """A way to encrypt. ``name`` is how it is told apart (omemo), ``title`` how it is called (OMEMO). ``rooms``:
    also in rooms. ``secrets``: keys can be verified by a question to which only the other one knows the answer.
    ``logged``: what is written with it stays in the history here."""

    name: str
    title: str
    rooms: bool
    secrets: bool
    logged: bool


class ChatEncryption(NamedTuple):
    """How a conversation is encrypted: by ``method``, an empty one means in clear. ``chosen``: the person said so; else
    it is what suits the contact. ``trust`` is the least of those of their keys that can read along. ``offered`` are the
    methods that could be used there. ``note`` is a sentence where there is something to do or to know, else empty.
    ``asked`` is a method that they would like to begin: to begin it says yes, to refuse it no. ``logged``: what is
    written now stays in the history here."""

    peer: JID
    method: str = ""
    chosen: bool = False
    trust: Trust = Trust.UNDECIDED
    offered: list[str] = []  # noqa: RUF012 - a default that nobody changes
    note: str = ""
    asked: str = ""
    logged: bool = True


class Key(NamedTuple):
    """A key, as a rule of one program of somebody (a device). ``owner`` is their bare address, ``own`` means ours,
    ``here`` this program's. ``fingerprint`` is the key as people compare it: hexadecimal digits without spaces.
    ``active``: it is announced now, so it can read what is written. ``label`` is what its owner calls it. ``id`` is how
    others know it (the number of an OMEMO device). ``by`` is the verified key that has told what is thought of it,
    where the person has not decided (a fingerprint)."""

    method: str
    owner: JID
    fingerprint: str
    trust: Trust
    own: bool = False
    here: bool = False
    active: bool = True
    label: str = ""
    id: str = ""
    by: str = ""


class KeyNews(NamedTuple):
    """The keys of somebody have changed: these have come, these have gone."""

    method: str
    owner: JID
    added: list[Key] = []  # noqa: RUF012 - a default that nobody changes
    lost: list[Key] = []  # noqa: RUF012


class ComparisonState(StrEnum):
    """How far comparing secrets has come: ASKED (they wait for our secret), WAITING (for theirs); then SAME (their key
    is verified now), PROVED (we knew the answer to their question, so they know who we are; we have learned nothing
    of them), DIFFERENT (they do not know the same, or somebody has come between), or ABORTED."""

    ASKED = "asked"
    WAITING = "waiting"
    SAME = "same"
    PROVED = "proved"
    DIFFERENT = "different"
    ABORTED = "aborted"


class Comparison(NamedTuple):
    """Two people find out whether they know the same secret, and no one learns it (the Socialist Millionaires'
    Protocol). The ``question`` may be empty; one of theirs is by whoever has their key: show it as a quotation."""

    peer: JID
    method: str
    state: ComparisonState
    question: str = ""


class EncryptionApi(Api):
    """Encrypt what is written to somebody, so that only their programs and ours can read it. A conversation is in clear
    or it is encrypted; it never changes from one to the other because something fails."""

    changed = signal(list[ChatEncryption], "These conversations are encrypted in another way now.")
    keys_changed = signal(list[KeyNews], "Somebody has new keys, or has lost some.")
    compared = signal(list[Comparison], "Comparing secrets with somebody has begun, or has come to its end.")

    @method
    async def get_methods(self) -> list[MethodInfo]:
        """The ways to encrypt that there are, the best first."""

    @method
    async def get(self, peer: JID) -> ChatEncryption:
        """How a conversation is encrypted."""

    @method
    async def begin(self, peer: JID, method: str = "") -> ChatEncryption:
        """Encrypt what is written in a conversation from now on; without a method, by the best one that can be used
        there. What another method has begun is ended. Errors: InvalidArgument, NoKeys, CannotBeginEncryption,
        NotInRoom, NotConnected, RequestTimeout, PeerError."""

    @method
    async def refuse(self, peer: JID) -> ChatEncryption:
        """Say no to what somebody would like to begin; they are told nothing, and all stays as it is."""

    @method
    async def end(self, peer: JID) -> ChatEncryption:
        """Write in clear from now on. What comes encrypted is still read."""

    @method
    async def get_keys(self, peer: JID, refresh: bool = False) -> list[Key]:
        """The keys of somebody; of all who read a room; for our own account's address, ours. ``refresh`` asks their
        servers first. Errors: NotConnected, RequestTimeout, PeerError, NotInRoom, CannotEncrypt."""

    @method
    async def set_trust(self, peer: JID, method: str, fingerprint: str, trust: Trust) -> Key:
        """Say what is thought of a key. Errors: NotFound."""

    @method
    async def remove_key(self, method: str, fingerprint: str) -> None:
        """Take the key of another program of ours off our account's lists, so that nobody encrypts for it any more: of
        one that is lost, or not used any more. It stays known here, as one that is not active. A program that still
        runs puts itself back when it is online; this one's key stays. Errors: InvalidArgument, NotFound, NotConnected,
        RequestTimeout, PeerError."""

    @method
    async def get_uri(self, peer: JID) -> str:
        """The address of somebody with the fingerprints of their keys that are not distrusted, for others to verify
        (``xmpp:…?omemo-sid-…``). Errors: NotFound."""

    @method
    async def verify_uri(self, uri: str) -> list[Key]:
        """Verify the keys that such an address names, wherever it was read (a code on their screen, their card); these
        are verified now. A key that it names and that we know otherwise is no match. Errors: InvalidArgument,
        NotFound."""

    @method
    async def repair(self, peer: JID) -> None:
        """Begin anew with all programs of somebody, where messages cannot be read any more.
        Errors: NotConnected, RequestTimeout, PeerError, NoKeys."""

    @method
    async def get_comparisons(self) -> list[Comparison]:
        """Where somebody waits for a secret: we or they."""

    @method
    async def compare(self, peer: JID, secret: Secret, question: str = "") -> None:
        """Find out whether somebody knows the same secret, and verify their key by that. They are asked the question,
        if there is one; it may take them any time, ``compared`` tells how it ended. What is under way is given up. Case
        and spaces count. Errors: InvalidArgument, CannotEncrypt, NotConnected."""

    @method
    async def answer(self, peer: JID, secret: Secret) -> None:
        """Give our secret, where they have asked. Errors: InvalidArgument, NotFound, CannotEncrypt, NotConnected."""

    @method
    async def abort(self, peer: JID) -> None:
        """Do not compare secrets, whoever has begun."""
