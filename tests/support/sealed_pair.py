"""Two profiles with OMEMO that send each other files, and who changes what is on its way between them."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sat.api.transfers import Transfer
from sat.plugins.encryption.plugin import Encryption
from sat.plugins.files.plugin import Files
from sat.plugins.in_band.plugin import InBandBytestreams
from sat.plugins.omemo.envelopes import FEATURE
from sat.xmpp import jingle, xml
from sat.xmpp.xml import Element
from support.enveloped import Carrying, Tamper
from support.omemo import Person, Server
from support.pair import JULIET, ROMEO, joined
from support.parsing import parse

DATA = b"nobody else reads this. " * 4000  # some blocks
LAST = len(DATA) // InBandBytestreams.block + 1  # the block that holds the tag, and more
DATA_TAG = re.compile(r"(<data[^>]*>)([^<]+)(</data>)")


@contextmanager
def sealed(folder: Path) -> Iterator[Any]:
    """Both; juliet's program puts files into ``got``, ``wire`` is what carries stanzas to her."""
    server = Server()
    with joined(folder) as joined_pair:
        pair: Any = joined_pair
        pair.server = server
        pair.people = Person(server, ROMEO.bare), Person(server, JULIET.bare)
        for profile, person in zip((pair.romeo, pair.juliet), pair.people, strict=True):
            profile.plug(InBandBytestreams, Files)
            profile.plugin(Encryption).add(Carrying(person))
            profile.undo = profile.add_feature(FEATURE)
        pair.got = folder / "got"
        pair.got.mkdir()
        pair.plans = folder / "plans.txt"
        pair.plans.write_bytes(DATA)
        pair.wire = Tamper(pair.juliet.wire)
        yield pair
        for profile in (pair.romeo, pair.juliet):
            profile.undo()


def sends(pair: Any, encrypt: str = "omemo") -> Any:
    """romeo sends the plans; how that looks to him."""
    files = pair.romeo.plugin(Files)
    sent = pair.wait(files.send(str(pair.plans), JULIET, encrypt=encrypt))
    pair.turn(200)
    return pair.wait(files.transfers.get_all())[-1] if sent else None


def theirs(pair: Any) -> Transfer:
    """The last transfer that juliet sees."""
    return pair.wait(pair.juliet.plugin(Files).transfers.get_all())[-1]


def ours(pair: Any) -> Transfer:
    return pair.wait(pair.romeo.plugin(Files).transfers.get_all())[-1]


def takes(pair: Any) -> Transfer:
    """juliet takes what is offered; how that ended."""
    assert theirs(pair).asks
    pair.wait(pair.juliet.plugin(Files).accept(theirs(pair).id, str(pair.got)))
    goes_on(pair, theirs, ours)
    return theirs(pair)


def goes_on(pair: Any, *whose: Callable[[Any], Transfer]) -> None:
    """Until these have ended, or for as long as something can be expected to happen."""
    for _ in range(200):
        if all(each(pair).is_over for each in whose):
            break
        pair.net.advance(0.25)
        pair.turn()


def offer(pair: Any) -> tuple[str, Element]:
    """The last session-initiate of romeo, and its security."""
    text = next(each for each in reversed(pair.romeo.wire.said) if "session-initiate" in each)
    return text, jingle.read(xml.elements(parse(text), "jingle")[0]).parts[0].security


def blocks(pair: Any) -> list[bytes]:
    return [b64decode(DATA_TAG.search(each)[2]) for each in pair.romeo.wire.said if DATA_TAG.search(each)]


def is_gone(pair: Any) -> bool:
    """Nothing of it is left, in no folder."""
    return list(pair.got.iterdir()) == []


def changes_block(pair: Any, number: int, change: Callable[[bytes], bytes], behind: bool = False) -> None:
    """One of the blocks arrives otherwise; with ``behind``, so do all that follow."""
    count = [0]

    def tamper(text: str) -> str:
        found = DATA_TAG.search(text)
        if found is None:
            return text
        count[0] += 1
        if count[0] != number and not (behind and count[0] > number):
            return text
        data = b64encode(change(b64decode(found[2]))).decode()
        return text[: found.start(2)] + data + text[found.end(2) :]

    pair.wire.change = tamper


def flipped(data: bytes) -> bytes:
    return data[:5] + bytes([data[5] ^ 1]) + data[6:]


def changes_offer(pair: Any, change: Callable[[str], str]) -> None:
    pair.wire.change = lambda text: change(text) if "session-initiate" in text else text
