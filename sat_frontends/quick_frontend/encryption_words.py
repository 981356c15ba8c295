"""Encryption in words: how a conversation stands, what is thought of keys, how a message came. All of it is clean."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from sat.api.messages import Message, MessageKind, Trust
from sat_frontends.quick_frontend.text import clean_line, short

if TYPE_CHECKING:  # jp loads this for each list of messages
    from sat.plugins.encryption.api import ChatEncryption, Comparison, Key, KeyNews

GROUP = 8  # digits of a fingerprint that stand together
LONGEST_LABEL = 40  # columns of what somebody calls their device
OFF, NO = "off", "no"
"""What stands where a method is named: none, and none of what they would like to begin."""

TRUST = {
    Trust.UNDECIDED: "not decided",
    Trust.BLIND: "trusted, not compared",
    Trust.VERIFIED: "verified",
    Trust.DISTRUSTED: "distrusted",
}
ASIDE = (Trust.UNDECIDED, Trust.DISTRUSTED)
"""Of such a key nothing is believed, and nothing is encrypted for it."""

HOW_TO_COMPARE = (
    "A key is theirs if they see the same digits in their own program: ask them face to face or by telephone, or read"
    " the code that they show."
)
IN_CLEAR = "Not encrypted: the servers can read what is written here."
WHEN_TO_BEGIN_ANEW = (
    "Begin anew if one of you cannot read what the other writes: both programs agree on how they encrypt from the"
    " start. Keys, what you think of them, and what was written stay."
)
SERVER_KEEPS_KEYS = "The keys live on the server that runs this page: who runs it can read along."
CLEAR_MESSAGE = "not encrypted"
NOT_LOGGED = "What is written here is not logged: it is gone when the daemon ends."


class Seal(StrEnum):
    """How safe something is, at a glance: each frontend has a sign for each."""

    LOCKED = "locked"
    DOUBTFUL = "doubtful"
    CLEAR = "clear"


class Headline(NamedTuple):
    """How a conversation stands: ``text``, and what is next to do, as it stands after the name of a key."""

    seal: Seal
    text: str
    action: str = ""


class Mark(NamedTuple):
    """How one message came."""

    seal: Seal
    words: str


def title(method: str) -> str:
    """How a method is called in a line: OMEMO."""
    return clean_line(method).upper()


def headline(state: ChatEncryption | None, asks: bool = False) -> Headline:
    """How a conversation stands, in a few words; None is one of which nothing is known. ``asks``: they want to compare
    a secret."""
    if state is None or not state.method:
        if state is not None and state.asked:
            return Headline(Seal.CLEAR, f"not encrypted, they ask for {title(state.asked)}", "answers")
        return Headline(Seal.CLEAR, "not encrypted", "encrypts" if state is not None and state.offered else "")
    name = title(state.method)
    if state.asked:
        return Headline(Seal.DOUBTFUL, f"{name}, they ask for {title(state.asked)}", "answers")
    if state.trust in ASIDE:
        return Headline(Seal.DOUBTFUL, f"{name}, nothing can be sent", "shows why")
    word = "verified" if state.trust is Trust.VERIFIED else "not compared"
    if asks:
        return Headline(Seal.DOUBTFUL, f"{name} {word}, they ask for a secret", "answers")
    if not state.logged:
        word += ", not logged"
    if state.note:
        return Headline(Seal.DOUBTFUL, f"{name} {word}, needs you", "shows why")
    return Headline(Seal.LOCKED, f"{name} {word}", "shows keys" if state.trust is Trust.VERIFIED else "compares keys")


def explained(state: ChatEncryption | None, label: str) -> list[str]:
    """The same in whole sentences."""
    if state is None or not state.method:
        return [IN_CLEAR, *([clean_line(state.note)] if state and state.note else [])]
    how = "you have compared" if state.trust is Trust.VERIFIED else "you trust"
    name, label = title(state.method), clean_line(label)
    if state.trust in ASIDE:
        return [f"What you write is encrypted with {name}.", *([clean_line(state.note)] if state.note else [])]
    said = [f"What you write is encrypted with {name}: only you and {label} can read it, with the keys that {how}."]
    if state.trust is Trust.BLIND:
        said.append("The keys are trusted because they were the first; compare them to be sure.")
    if not state.logged:
        said.append(NOT_LOGGED)
    return [*said, *([clean_line(state.note)] if state.note else [])]


def turned(before: ChatEncryption, after: ChatEncryption, label: str) -> list[str]:
    """What has become of a conversation that is not logged: it has begun, is over, or takes nothing any more."""
    who, said = short(clean_line(label), LONGEST_LABEL), []
    if before.method != after.method and not before.logged:
        now = f"encrypted with {title(after.method)}" if after.method else "not encrypted"
        said.append(f"The conversation with {who} in {title(before.method)} is over: what is written now is {now}.")
    if before.method != after.method and not after.logged:
        kind = "Verified" if after.trust is Trust.VERIFIED else "Unverified"
        said.append(f"{kind} conversation with {who} in {title(after.method)} started. {NOT_LOGGED}")
    if before.method == after.method and not after.logged and after.trust in ASIDE and before.trust not in ASIDE:
        said.append(clean_line(after.note) or f"Nothing can be sent with {title(after.method)} now.")
    return said


# -- messages ----------------------------------------------------------------------------------------------------


def unreadable(message: Message) -> str:
    """Why a message that came cannot be read; nothing for others."""
    came = not message.outgoing and message.kind is not MessageKind.ERROR
    return message.error if came and message.error and not message.text else ""


def mark(message: Message, in_clear: bool = False) -> Mark | None:
    """How a message came; None where there is nothing to say. ``in_clear``: others around it are encrypted."""
    method, trust, *_ = message.encrypted
    if message.retracted or unreadable(message):
        return None
    if not method:
        return Mark(Seal.CLEAR, CLEAR_MESSAGE) if in_clear else None
    if trust is Trust.DISTRUSTED:
        return Mark(Seal.DOUBTFUL, f"{title(method)}, with a key that you distrust")
    if trust is Trust.UNDECIDED:
        return Mark(Seal.DOUBTFUL, f"{title(method)}, with a key that you have not decided about")
    return Mark(Seal.LOCKED, f"encrypted with {title(method)}")


def message_lines(message: Message) -> list[str]:
    """All that is known of how a message came."""
    method, trust, key, _ = message.encrypted
    if not method:
        return ["Encryption: none, the servers could read it"] if not unreadable(message) else []
    lines = [f"Encryption: {title(method)}" + (f", the key was {TRUST[trust]}" if key else "")]
    return [*lines, f"Key: {grouped(key)}"] if key else lines


# -- keys --------------------------------------------------------------------------------------------------------


def grouped(fingerprint: str) -> str:
    """A fingerprint as people compare it: ``0123abcd 4567ef01 …``."""
    text = clean_line(fingerprint)
    return " ".join(text[start : start + GROUP] for start in range(0, len(text), GROUP))


def device(key: Key) -> str:
    """What a key belongs to: ``phone``, ``device 1234``."""
    if key.label:
        return short(clean_line(key.label), LONGEST_LABEL)
    return f"device {short(clean_line(key.id), LONGEST_LABEL)}" if key.id else "key"


def standing(key: Key) -> str:
    """What is thought of a key, and what else is to be known of it."""
    words = ["this program"] if key.here else [TRUST[key.trust]]
    if key.by:
        words.append(f"as the key {short(grouped(key.by), 2 * GROUP + 1)} says")
    return ", ".join(words if key.active else [*words, "not in use any more"])


def is_removable(key: Key) -> bool:
    """Whether a key is of another program of ours, so that it can be taken off the list."""
    return key.own and key.active and not key.here


WHAT_REMOVING_DOES = (
    "Nobody encrypts for it any more then, so it cannot read what is written. That is for a device that is lost or not"
    " used any more: a program that still runs puts itself back when it is online."
)


def removal(key: Key) -> str:
    """The question before that."""
    return f"Take the {title(key.method)} {device(key)} off your account's list?"


def in_order(keys: Iterable[Key]) -> list[Key]:
    """Keys as they are listed: this program's first, those in use before the others."""
    return sorted(keys, key=lambda key: (not key.here, not key.active, key.method, device(key), key.fingerprint))


def key_lines(keys: Iterable[Key]) -> list[str]:
    """Keys as lines of text."""
    return [f"{title(key.method)} {grouped(key.fingerprint)}  {device(key)}: {standing(key)}" for key in in_order(keys)]


def news(told: KeyNews, label: str, own: bool) -> list[str]:
    """What has become of somebody's keys, as sentences."""
    who, has = ("You", "have") if own else (short(clean_line(label), LONGEST_LABEL), "has")
    new = {
        Trust.UNDECIDED: "not trusted until you compare it",
        Trust.BLIND: "trusted, because you have compared none of the others",
        Trust.VERIFIED: "verified",
        Trust.DISTRUSTED: "distrusted",
    }
    said = [f"{who} {has} a new {_told('device', key)}: {new[key.trust]}" for key in told.added if not key.here]
    return said + [f"{who} {has} a {_told('device less', key)}: nothing is encrypted for it" for key in told.lost]


def _told(what: str, key: Key) -> str:
    return f"{what} ({device(key)})" if key.label or key.id else what.replace("device", "key")


# -- comparing secrets -------------------------------------------------------------------------------------------

UNDER_WAY = ("asked", "waiting")
"""States of comparisons that have not ended."""


def compared(told: Comparison, label: str) -> str:
    """How far comparing secrets has come."""
    who = short(clean_line(label), LONGEST_LABEL)
    asks = f" They ask: “{clean_line(told.question)}”" if told.question else ""
    return {
        "asked": f"{who} wants to verify you by a secret that both of you know.{asks}",
        "waiting": waiting(label),
        "same": f"{who} knows the same secret: their key is verified.",
        "proved": f"{who} knows now that you know the secret. To know the same of them, ask them.",
        "different": f"{who} does not know the same secret, or somebody has come between. Nothing is verified.",
        "aborted": given_up(label),
    }[told.state]


def given_up(label: str) -> str:
    """Nobody compares any more."""
    return f"Comparing secrets with {short(clean_line(label), LONGEST_LABEL)} was given up."


HOW_SECRETS_ARE_COMPARED = (
    "Both of you give the same secret, letter by letter; nobody learns it, whether it was the same or not. The question"
    " is sent to them, so it must not tell the secret."
)


def waiting(label: str) -> str:
    """Ours is given."""
    return f"Your secret waits to be compared with that of {short(clean_line(label), LONGEST_LABEL)}."


# -- what was done -----------------------------------------------------------------------------------------------


def begun(state: ChatEncryption, label: str) -> str:
    """A conversation is encrypted now."""
    said = f"What you write to {clean_line(label)} is encrypted with {title(state.method)} from now on."
    logged = "" if state.logged else NOT_LOGGED
    return " ".join(filter(None, (said, logged, clean_line(state.note))))


def refused(method: str, label: str) -> str:
    """They wanted to begin something, and we do not."""
    return f"{title(method)} with {clean_line(label)} is not begun. They were not told."


def not_asked(label: str) -> str:
    """There is nothing to refuse."""
    return f"{clean_line(label)} does not ask for anything."


def ended(label: str) -> str:
    """A conversation is in clear now."""
    return f"What you write to {clean_line(label)} is not encrypted from now on: the servers can read it."


def decided(key: Key, label: str) -> str:
    """Something else is thought of a key."""
    return f"The key {grouped(key.fingerprint)[:17]}… of {clean_line(label)} is {TRUST[key.trust]} now."


def removed(key: Key) -> str:
    """A program of ours that nobody encrypts for any more."""
    return f"The {title(key.method)} {device(key)} is off your account's list; if it still runs, it puts itself back."


def verified(keys: Sequence[Key], label: str) -> str:
    """An address was right about keys."""
    return f"{len(keys)} key{'' if len(keys) == 1 else 's'} of {clean_line(label)} verified."


def repaired(label: str) -> str:
    """Broken sessions were thrown away."""
    return f"The encryption with {clean_line(label)} has begun anew; they can read what you write from now on."
