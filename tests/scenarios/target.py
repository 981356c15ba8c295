"""A profile of the real daemon whose server is not to be trusted, and what such a server sends."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from string import Template
from typing import Any

from scenarios.hostile import DOMAIN, HostileServer, ReactorThread, Writer
from support.scripted import NS_SM, Behaviour

from sat.api import JID, Secret
from sat.api.messages import Message
from sat.api.profile import Account, Connection, ConnectionState
from sat.bridge.derive import load
from sat.world import Daemon, until
from sat.world.people import bridge_to, run
from sat.xmpp import xml
from sat.xmpp.xml import Element, to_text

PATIENCE = 30.0  # seconds
FRIEND, BOSS, STRANGER = JID(f"friend@{DOMAIN}"), JID(f"boss@{DOMAIN}"), JID("mal@evil.test")
WORDS = {
    "domain": DOMAIN, "friend": FRIEND, "boss": BOSS, "mal": STRANGER,
    "sm": NS_SM, "carbons": "urn:xmpp:carbons:2", "forward": "urn:xmpp:forward:0", "mam": "urn:xmpp:mam:2",
    "delay": "urn:xmpp:delay", "receipts": "urn:xmpp:receipts", "sid": "urn:xmpp:sid:0", "roster": "jabber:iq:roster",
    "caps": "http://jabber.org/protocol/caps", "info": "http://jabber.org/protocol/disco#info",
    "client": "jabber:client", "sasl": "urn:ietf:params:xml:ns:xmpp-sasl",
}  # fmt: skip
CONTACTS = "".join(f"<item jid='{each}' name='{each.local}' subscription='both'/>" for each in (FRIEND, BOSS))

EVIL, GOOD = "EVIL-MARK", "GOOD-MARK"  # what must not be shown, and what must
Answer = Callable[[Element], str | None]


def message(sender: str, recipient: str, body: str = EVIL) -> str:
    """A message inside another."""
    return (
        f"<message xmlns='$client' from='{sender}' to='{recipient}' type='chat' id='$id'><body>{body}</body></message>"
    )


def inside(stanza: str) -> str:
    """A stanza of the stream, as it stands inside another."""
    return stanza.replace("<message", "<message xmlns='$client'", 1)


SENT, HEARD = message("$full", "$boss"), message("$boss/x", "$full")


def carbon(sender: str, way: str, inner: str) -> str:
    """A copy of a message of another device, as ``sender`` says (XEP-0280)."""
    copy = f"<{way} xmlns='$carbons'><forwarded xmlns='$forward'>{inner}</forwarded></{way}>"
    return f"<message from='{sender}' to='$full' type='chat'>{copy}</message>"


def archived(sender: str, query: str, inner: str = HEARD, stamp: str = "2026-01-02T03:04:05Z") -> str:
    """A message of an archive, as ``sender`` says, or nobody (XEP-0313)."""
    forward = f"<forwarded xmlns='$forward'><delay xmlns='$delay' stamp='{stamp}'/>{inner}</forwarded>"
    origin = f" from='{sender}'" if sender else ""
    return f"<message{origin} to='$full'><result xmlns='$mam' queryid='{query}' id='$id'>{forward}</result></message>"


def result(iq: Element, payload: str = "", sender: str = "") -> str:
    """The answer to a question."""
    origin = f" from='{sender}'" if sender else ""
    return f"<iq type='result' id='{iq.attributes['id']}'{origin}>{payload}</iq>"


def answers(**others: Answer) -> Answer:
    """What a good server answers; ``others`` are by the namespace of what is asked, with a name of ``WORDS``."""
    said: dict[str, Answer] = {
        WORDS["roster"]: lambda iq: result(iq, f"<query xmlns='jabber:iq:roster'>{CONTACTS}</query>"),
        WORDS["info"]: lambda iq: result(
            iq,
            f"<query xmlns='{WORDS['info']}'><identity category='account' type='registered'/>"
            f"<feature var='{WORDS['mam']}'/></query>",
            str(iq.attributes.get("to", "")),
        ),
        WORDS["mam"]: lambda iq: result(iq, f"<fin xmlns='{WORDS['mam']}' complete='true'/>"),
    }
    said |= {WORDS[name]: answer for name, answer in others.items()}

    def answer(iq: Element) -> str | None:
        payload = xml.elements(iq)
        return said.get(payload[0].uri if payload else "", result)(iq)

    return answer


def together(stanzas: Iterable[str]) -> Iterator[bytes]:
    """Stanzas as bytes, many of them in a piece."""
    piece: list[str] = []
    for stanza in stanzas:
        piece.append(stanza)
        if len(piece) == 100 or len(stanza) > 10_000:
            yield "".join(piece).encode()
            piece.clear()
    yield "".join(piece).encode()


class Target:
    """One profile of the daemon at one hostile server, which sends what the test says."""

    def __init__(self, daemon: Daemon, reactor: ReactorThread, certificate: Any, behaviour: Behaviour) -> None:
        self.name, self.password = behaviour.user, behaviour.password
        self.own, self.full = JID(f"{self.name}@{DOMAIN}"), JID(f"{self.name}@{DOMAIN}/orchard")
        behaviour.domain = DOMAIN
        behaviour.answers = behaviour.answers or answers()
        self.behaviour = behaviour
        self._reactor = reactor
        self.server = HostileServer(behaviour, certificate)
        self.memory = self.server.memory
        self._bridge = bridge_to(daemon.bus.address)
        self.access = self._bridge.profile(self.name)
        self._count = self._connections = 0
        reactor.call(lambda: self.server.start(reactor.reactor))
        self._create()

    def _create(self) -> None:
        async def steps() -> None:
            await self._bridge.manager.create_profile(self.name, self.own, Secret(self.password))
            await self.access.profile.set_account(Account(self.own, "127.0.0.1", self.server.port))

        run(steps())

    # -- the daemon's side ---------------------------------------------------------------------------------------

    def connect(self) -> None:
        """Be online. Errors: those of the first attempt."""
        run(self.access.profile.connect())
        self._connections = self.server.connections

    @property
    def undisturbed(self) -> bool:
        """Whether the connection is still the one that :meth:`connect` or :meth:`come_back` made."""
        return self.connection().state is ConnectionState.ONLINE and self.server.connections == self._connections

    def come_back(self) -> None:
        """Be online again after a connection that has ended, without waiting for the daemon to try by itself."""
        self.wait(lambda: not self.undisturbed, "the stream is given up")
        self.connect()

    def connection(self) -> Connection:
        """How it stands."""
        run(load(self.access.profile, follow=False))
        return self.access.profile.connection.value

    def history(self, peer: str) -> list[Message]:
        """The newest messages with somebody."""
        return run(self.access.messages.get_history(JID(peer), 0, 500))

    def bodies(self, peer: str = FRIEND) -> list[str]:
        """What is written with somebody."""
        return [message.body for message in self.history(peer)]

    def shown(self) -> str:
        """All that a frontend could show."""
        access = self.access
        peers = [each.peer for each in run(access.messages.get_conversations(500))]
        return repr(
            (
                [self.history(peer) for peer in peers],
                run(access.roster.get_contacts()),
                run(access.presence.get_presences()),
                run(access.presence.get_requests()),
                run(access.rooms.get_rooms()),
                run(access.bookmarks.get_bookmarks()),
            )
        )

    def wait(self, condition: Callable[[], object], what: str) -> None:
        """Wait until something holds."""
        assert until(lambda: bool(condition()), PATIENCE), f"{what}: {self.connection()}"

    # -- the server's side ---------------------------------------------------------------------------------------

    def fill(self, text: str) -> str:
        """Replace ``$mal`` and other words; ``$id`` is another one each time."""
        self._count += 1
        return Template(text).substitute(WORDS, own=self.own, full=self.full, id=f"n{self._count}")

    def send(self, *stanzas: str, counted: bool = True) -> None:
        """Send stanzas, with the words of ``fill``; or what is none, and does not count."""
        texts = [self.fill(each) for each in stanzas]
        self._reactor.call(lambda: [self.server.connection.send(text, counted) for text in texts] and None)

    def write(self, pieces: bytes | Iterable[bytes], count: int = 0) -> None:
        """Send bytes as they stand, each piece apart, until the other side has gone; they hold ``count`` stanzas."""
        writer = Writer(self._reactor.reactor, self.server.protocols[-1], [pieces] if type(pieces) is bytes else pieces)

        def begin() -> None:
            self.memory.sent += count
            self.memory.unacknowledged += [""] * count
            writer.begin()

        self._reactor.call(begin)
        assert writer.ended.wait(PATIENCE), "it is not taken"

    def flood(self, stanzas: Iterable[str]) -> None:
        """Send many stanzas as they stand, as fast as they are taken, and settle."""
        stanzas = list(stanzas)
        self.write(together(stanzas), len(stanzas))
        self.settle()

    def stop_reading(self) -> None:
        """Take nothing from the daemon any more, on this connection."""
        self._reactor.call(self.server.protocols[-1].transport.pauseProducing)

    def say(self, body: str, sender: str = f"{FRIEND}/x", **attributes: str) -> None:
        """A message of somebody's comes."""
        more = "".join(f" {name}='{value}'" for name, value in attributes.items())
        self.send(f"<message type='chat' from='{sender}' to='$full'{more}><body>{xml.escape(body)}</body></message>")

    def settle(self) -> None:
        """Wait until all that was sent is handled, and stored (XEP-0198)."""
        memory = self.memory

        def ask() -> int:
            memory.acknowledged = -1
            self.server.connection.send(f"<r xmlns='{NS_SM}'/>", False)
            return memory.sent

        sent = self._reactor.call(ask)
        self.wait(lambda: memory.acknowledged >= sent, f"{sent} stanzas are acknowledged")

    def received(self, *words: str) -> list[str]:
        """The stanzas of the daemon that hold all these words."""
        texts = [to_text(each) for each in list(self.memory.received)]
        return [text for text in texts if all(word in text for word in words)]

    def expect(self, *words: str) -> str:
        """Wait for such a stanza."""
        self.wait(lambda: self.received(*words), f"a stanza with {words}")
        return self.received(*words)[-1]

    def cut(self) -> None:
        """Break the connection with a TCP reset."""
        self._reactor.call(lambda: self.server.protocols[-1].transport.abortConnection())

    def close(self) -> None:
        """Forget the profile, and stop the server."""
        run(self._bridge.manager.delete_profile(self.name))
        self._bridge.close()
        self._reactor.call(self.server.stop)
