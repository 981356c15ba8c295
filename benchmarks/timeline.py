"""What all those who are followed have published, the newest of it."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from benchmarks.registry import Row, Scene, at_most, benchmark
from sat.api import JID
from sat.api.posts import Place, Post
from sat.api.profile import Account
from sat.storage.posts import Posts
from sat.storage.storage import Storage

PEOPLE = 200
POSTS = 10_000
PAGE = 20
TEXT = 2000  # characters of a post
BEGAN = 1_700_000_000.0
EVERY = 600.0  # seconds between two


@benchmark("timeline")
def timeline(scene: Scene) -> Iterator[Row]:
    """The newest page of 10,000 posts that 200 people have published, as the daemon reads it."""
    with tempfile.TemporaryDirectory(prefix="sat-bench-") as folder:
        posts = _filled(Path(folder))
        blocked = [JID(f"spammer{number}@example.org") for number in range(100)]
        asked: dict[str, Callable[[], Deferred[Any]]] = {
            "all": lambda: posts.page(count=PAGE, without=blocked),
            "unread": lambda: posts.page(count=PAGE, unread=True, without=blocked),
            "with a tag": lambda: posts.page(count=PAGE, tag="cats", without=blocked),
            "with two words": lambda: posts.search("lorem rare ", count=PAGE, without=blocked),
        }
        for what, ask in asked.items():
            cost = median(_cost(ask) for _ in range(scene.rounds))
            yield at_most(f"first page of {POSTS} posts of {PEOPLE} people, {what}", round(cost * 1000, 1), "ms", 30)
        cost = median(_cost(posts.unread) for _ in range(scene.rounds))
        yield at_most(f"unread of {PEOPLE} people", round(cost * 1000, 1), "ms", 30)


def _cost(ask: Callable[[], Deferred[Any]]) -> float:
    """Seconds of CPU."""
    before = time.process_time()
    _result(ask())
    return time.process_time() - before


def _filled(folder: Path) -> Posts:
    """Without a reactor it does everything at once."""
    storage = _result(Storage.open(folder, None))
    _result(storage.profiles.create("alice", Account(JID("alice@example.org"))))
    posts: Posts = storage.posts("alice")
    chance = random.Random(1)
    for person in range(PEOPLE):
        author = JID(f"person{person}@example.org")
        written = [
            Post(
                Place(author, id=str(number)),
                author,
                verified=True,
                title=f"Day {number}",
                text=("lorem ipsum " * TEXT)[:TEXT] + (" rare" if chance.random() < 0.01 else ""),
                html="<p>" + ("lorem ipsum " * TEXT)[:TEXT] + "</p>",
                published=BEGAN + EVERY * chance.randrange(POSTS),
                tags=["cats"] if chance.random() < 0.1 else ["dogs"],
                comments=Place(author, f"comments/{number}"),
            )
            for number in range(POSTS // PEOPLE)
        ]
        _result(posts.add(Place(author), written, unread_since=BEGAN * (1 + person % 2)))
        first = written[0].comments
        likes = [Post(first._replace(id=str(number)), author, text="♥") for number in range(5)]
        _result(posts.add(first, likes, listed=False))
    return posts


def _result(work: Any) -> Any:
    seen: list[Any] = []
    (work if isinstance(work, Deferred) else Deferred.fromCoroutine(work)).addBoth(seen.append)
    if isinstance(seen[0], Failure):
        seen[0].raiseException()
    return seen[0]
