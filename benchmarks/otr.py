"""Conversations off the record, next to libotr's."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

from benchmarks import libotr
from benchmarks.libotr import Built, LibotrPeer
from benchmarks.measure import cpu_of_process, medians
from benchmarks.peers import missing
from benchmarks.registry import Row, Scene, at_most, benchmark
from sat.otr.keys import new_private_key
from sat.otr.outcomes import Policy, State
from sat.otr.session import PER, OtrSession

TIMES = 40  # of each, in a round


@benchmark("otr")
def otr(scene: Scene) -> Iterator[Row]:
    """An exchange of keys and a turn (a text and its answer) between two of ours, and between two of libotr's."""
    if libotr.missing():
        yield missing("OTR", "libotr")
        return
    with ExitStack() as exits:
        program = exits.enter_context(Built())
        ours, theirs = Ours(), Theirs(exits, program)
        cpu = medians(
            scene.rounds,
            our_exchange=lambda: cost(ours.cpu, ours.exchange),
            their_exchange=lambda: cost(theirs.cpu, theirs.exchange),
            our_turn=lambda: cost(ours.cpu, ours.turn),
            their_turn=lambda: cost(theirs.cpu, theirs.turn),
        )
    for name, which, goal in (("an exchange of keys", "exchange", 2.0), ("a turn", "turn", 1.0)):
        mine, other = cpu[f"our_{which}"], cpu[f"their_{which}"]
        told = f"ours: {mine * 1e3:.1f} ms, libotr: {other * 1e3:.1f} ms, both sides"
        yield at_most(f"OTR: {name}, CPU", round(mine / other, 2), "x libotr", goal, told)


def cost(cpu: Callable[[], float], work: Callable[[], None]) -> float:
    """Seconds of CPU that one piece of work takes."""
    before = cpu()
    for _ in range(TIMES):
        work()
    return (cpu() - before) / TIMES


class Ours:
    """alice and bob, with our sessions in this process."""

    def __init__(self) -> None:
        self._now = 0.0
        self._sent: list[list[str]] = [[], []]
        self._pair = [
            OtrSession(new_private_key(), self, sent.append, Policy.ASKED, lambda: self._now) for sent in self._sent
        ]
        self.cpu = time.process_time

    def is_verified(self, fingerprint: str) -> bool:
        """They have verified nothing."""
        return False

    def set_verified(self, fingerprint: str) -> None:
        """Nobody compares."""

    def exchange(self) -> None:
        """alice begins, and both have new keys."""
        self._now += PER
        self._pair[0].start()
        while any(self._sent):
            for at in (0, 1):
                bodies, self._sent[at][:] = self._sent[at][:], []
                for body in bodies:
                    self._pair[1 - at].receive(body, known=True)
        assert all(each.state is State.ENCRYPTED for each in self._pair)

    def turn(self) -> None:
        """A text, and its answer."""
        for at in (0, 1):
            bodies = self._pair[at].send("hello")
            assert isinstance(bodies, list)
            assert self._pair[1 - at].receive(bodies[0], known=True)
            self._sent[1 - at].clear()  # no heartbeats: the clock stands still


class Theirs:
    """The same with two programs on libotr."""

    def __init__(self, exits: ExitStack, program: Path) -> None:
        self._pair = [exits.enter_context(LibotrPeer(program)) for _ in range(2)]

    def cpu(self) -> float:
        """Seconds that both have used."""
        return sum(cpu_of_process(each.pid) for each in self._pair)

    def exchange(self) -> None:
        """See ``Ours``."""
        self._pair[0].do("start")
        while any(each.sent for each in self._pair):
            for sender, receiver in (self._pair, self._pair[::-1]):
                for body in sender.take():
                    receiver.do("receive", body)
        assert all(each.state == "encrypted" for each in self._pair)

    def turn(self) -> None:
        """See ``Ours``."""
        for sender, receiver in (self._pair, self._pair[::-1]):
            sender.do("send", "hello")
            bodies = sender.take()
            events = [event for body in bodies for event in receiver.do("receive", body)]
            assert ("text", "hello") in events
            receiver.sent.clear()
