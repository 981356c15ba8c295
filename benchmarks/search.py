"""Searching in all that was ever written."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Coroutine, Iterator
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from benchmarks.registry import Row, Scene, at_most, benchmark
from sat.api import JID
from sat.api.messages import MessageState
from sat.api.profile import Account
from sat.storage.messages import Messages
from sat.storage.rows import NewMessage
from sat.storage.search import ALL, Narrow
from sat.storage.storage import Storage

MESSAGES = 1_000_000
CONVERSATIONS = 200
BATCH = 10_000
LENGTH = 12  # words in a message
HITS = 50
BEGAN = 1_500_000_000.0  # when the first was written
EVERY = 200.0  # seconds between two
WORDS = 30_000  # that people use
RARE = "quincunx"
SELDOM = 10_000  # messages, of which one has it
YEAR = 365 * 86400.0


@benchmark("search")
def search(scene: Scene) -> Iterator[Row]:
    """The newest hits among a million messages. Most of the time it fills the store."""
    with tempfile.TemporaryDirectory(prefix="sat-bench-") as folder:
        messages = _filled(Path(folder))
        for what, asked in _asked().items():
            cost = median(_cost(messages, *asked) for _ in range(scene.rounds))
            yield at_most(f"newest {HITS} of {MESSAGES} messages, {what}", round(cost * 1000, 1), "ms", 10)


def _cost(messages: Messages, text: str, narrow: Narrow) -> float:
    """Seconds of CPU."""
    before = time.process_time()
    _result(messages.search(text, limit=HITS, narrow=narrow))
    return time.process_time() - before


def _filled(folder: Path) -> Messages:
    """A store with all the messages, indexed. Without a reactor it does everything at once."""
    storage = _result(Storage.open(folder, None))
    _result(storage.profiles.create("alice", Account(JID("alice@example.org"))))
    messages: Messages = storage.messages("alice")
    for batch in _batches():
        _result(messages.add(batch))
        _result(messages.search(RARE, limit=1))  # indexes what is new
    return messages


def _asked() -> dict[str, tuple[str, Narrow]]:
    words = _words()
    return {
        "a frequent word": (f"{words[0]} ", ALL),
        "a rare word": (RARE, ALL),
        "two words": (f"{words[3]} {words[40]} ", ALL),
        "two letters": (words[1][:2], ALL),
        "four letters": (next(word for word in words if len(word) > 4)[:4], ALL),
        "a word of the first year": (f"{words[5]} ", Narrow(since=BEGAN, until=BEGAN + YEAR)),
        "a word that nobody has written": ("nowhere", ALL),
    }


@cache
def _words() -> list[str]:
    """The most frequent one first."""
    chance = random.Random(1)
    words: dict[str, None] = {}
    while len(words) < WORDS:
        syllables = (
            chance.choice("bcdfghlmnprstv") + chance.choice("aeiou") for _ in range(chance.choice((1, 2, 2, 3, 4)))
        )
        words["".join(syllables) + chance.choice(("", "", "n", "s", "t"))] = None
    return list(words)


def _batches() -> Iterator[list[NewMessage]]:
    """Messages of a dozen words, some frequent and most rare, in many conversations."""
    chance = random.Random(1)
    often = [1 / (number + 10) for number in range(WORDS)]  # Zipf's law, but that no word is everywhere
    peers = [JID(f"contact{number}@example.org") for number in range(CONVERSATIONS)]
    for first in range(0, MESSAGES, BATCH):
        picked = chance.choices(_words(), often, k=BATCH * LENGTH)
        batch = []
        for each in range(BATCH):
            peer, number = chance.choice(peers), first + each
            body = " ".join(picked[each * LENGTH : (each + 1) * LENGTH])
            body += f" {RARE}" if number % SELDOM == 0 else ""
            time_of = BEGAN + EVERY * number
            batch.append(NewMessage(peer, peer, False, body, time_of, MessageState.READ, delayed=True))
        yield batch


def _result(work: Deferred[Any] | Coroutine[Any, Any, Any]) -> Any:
    seen: list[Any] = []
    (work if isinstance(work, Deferred) else Deferred.fromCoroutine(work)).addBoth(seen.append)
    if isinstance(seen[0], Failure):
        seen[0].raiseException()
    return seen[0]
