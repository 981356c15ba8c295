"""An XMPP server that does what a test says: bytes in, bytes out, no sockets of its own.

The unit tests connect it in memory, ``scenarios/hostile.py`` puts it behind a real socket with real TLS.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from scramp import ScramMechanism
from scramp.core import CbName

from sat.xmpp import xml
from sat.xmpp.xml import NS_CLIENT, NS_STREAMS, Element, StreamParser
from support.scripted_sasl2 import NS_SASL2, Sasl2, authentication, success

# The server's side of scramp refuses the binding by name; it computes it all the same.
CbName.SUPPORTED_TYPES = CbName.SUPPORTED_TYPES | {"tls-exporter"}
CbName.UNSUPPORTED_TYPES = frozenset()

NS_TLS = "urn:ietf:params:xml:ns:xmpp-tls"
NS_SASL = "urn:ietf:params:xml:ns:xmpp-sasl"
NS_BIND = "urn:ietf:params:xml:ns:xmpp-bind"
NS_SM = "urn:xmpp:sm:3"
HEADER = (
    "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'"
    " id='s1' from='{domain}' version='1.0'>"
)
MECHANISMS = ("SCRAM-SHA-512", "SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN")


@dataclass
class Behaviour:
    """What the server is like. The defaults are those of a good one."""

    domain: str = "example.org"
    user: str = "romeo"
    password: str = "secret"
    tls: str = "offered"  # none, offered, refused; direct is for who connects it
    mechanisms: tuple[str, ...] = MECHANISMS
    binding_types: tuple[str, ...] | None = None
    old_binding: bool = False  # what it calls tls-unique, whatever the version of TLS (RFC 9266 §3)
    sasl2: Sasl2 | None = None  # offered beside the classic way
    signed_offer: str = ""  # XEP-0474: what the challenge signs; "own": what is offered
    iterations: int = 4096
    scram: str = ""  # no-signature, bad-signature, error, mandatory, foreign-nonce, early-success, extra-challenge
    refuse: str = ""  # a SASL failure's condition
    bind: str = ""  # the address to give
    header: str = HEADER
    later_header: str = ""  # that of the stream after the log-in, where it is another
    features: str = ""  # put into every <features/>
    before: str = ""  # instead of the first features
    after_login: str = ""  # sent instead of the last features
    managed: bool = True
    location: str = ""  # where a session is to be resumed (XEP-0198 §3)
    resume: str = "yes"  # yes, no, with-h, garbage
    silent: bool = False
    answer_acks: bool = True
    answers: Callable[[Element], str | None] | None = None  # of IQs after the log-in
    registrar: Callable[[Element], str] | None = None  # answers those before it

    @property
    def names(self) -> tuple[str, ...]:
        """The mechanisms of the way that is used."""
        return self.mechanisms if self.sasl2 is None else self.sasl2.mechanisms or self.mechanisms


@dataclass
class Memory:
    """What a server keeps between connections."""

    logins: int = 0
    received: list[Element] = field(default_factory=list)  # stanzas after the log-in
    unacknowledged: list[str] = field(default_factory=list)
    sent: int = 0
    counted: int = 0
    acknowledged: int = -1  # the client's last h
    authorised: list[str] = field(default_factory=list)  # the SASL messages of the client, decoded
    errors: list[str] = field(default_factory=list)  # conditions of the client's stream errors
    begun: list[Element] = field(default_factory=list)  # how the client began to log in by SASL2
    tokens: dict[str, str] = field(default_factory=dict)  # XEP-0484: valid ones, with their mechanisms
    openings: list[str] = field(default_factory=list)  # the streams' from


class ScriptedServer:
    """One connection. ``write`` takes what it sends, ``start_tls`` and ``close`` what it does."""

    def __init__(
        self,
        behaviour: Behaviour,
        memory: Memory,
        write: Callable[[str], Any],
        start_tls: Callable[[], Any] = lambda: None,
        close: Callable[[], Any] = lambda: None,
        bindings: Callable[[], dict[str, bytes]] = dict,
        encrypted: bool = False,
    ) -> None:
        self.behaviour, self.memory = behaviour, memory
        self._write, self._start_tls, self._close, self._bindings = write, start_tls, close, bindings
        self.encrypted, self.logged_in, self.managed = encrypted, False, False
        self._scram: Any = None
        self._mechanism = ""
        self._begun: Element | None = None  # by SASL2
        self._parser = self._new_parser()
        self.seen: list[str] = []  # all that came, as names

    def feed(self, data: bytes) -> None:
        """What the client sends."""
        if self.behaviour.silent:
            return
        if b"<?xml" in data:
            self._parser.stop()
            self._parser = self._new_parser()
        self._parser.feed(data)

    def send(self, text: str, counted: bool = True) -> None:
        """Send XML; stanzas are counted and kept until they are acknowledged."""
        if counted and self.managed:
            self.memory.sent += 1
            self.memory.unacknowledged.append(text)
        self._write(text)

    def _new_parser(self) -> StreamParser:
        return StreamParser(self._opened, self._received, self._ended)

    def _opened(self, header: Element) -> None:
        told = self.behaviour
        self.memory.openings.append(str(header.attributes.get("from", "")))
        header = told.later_header if self.logged_in and told.later_header else told.header
        self._write(header.format(domain=told.domain))
        if told.before and not self.logged_in:
            self._write(told.before)
            return
        if self.logged_in and told.after_login:
            self._write(told.after_login)
            return
        self._write(f"<stream:features>{told.features}{self.offers()}</stream:features>")

    def offers(self) -> str:
        told = self.behaviour
        if self.logged_in:
            managed = f"<sm xmlns='{NS_SM}'/>" if told.managed else ""
            return f"<bind xmlns='{NS_BIND}'/>{managed}"
        if told.tls != "none" and not self.encrypted:
            return f"<starttls xmlns='{NS_TLS}'/>"
        names = "".join(f"<mechanism>{each}</mechanism>" for each in told.mechanisms)
        types = "".join(f"<channel-binding type='{each}'/>" for each in told.binding_types or ())
        types = f"<sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'>{types}</sasl-channel-binding>"
        modern = authentication(told.sasl2, told.names) if told.sasl2 is not None and self.encrypted else ""
        types = types if told.binding_types is not None else ""
        return f"<mechanisms xmlns='{NS_SASL}'>{names}</mechanisms>{modern}{types}"

    def _ended(self) -> None:
        self.seen.append("end")
        self._write("</stream:stream>")
        self._close()

    def _received(self, element: Element) -> None:
        self.seen.append(element.name)
        if element.uri == NS_STREAMS:
            self.memory.errors += [each.name for each in xml.elements(element)]
        elif element.uri == NS_TLS:
            if self.behaviour.tls == "refused":
                self._write(f"<failure xmlns='{NS_TLS}'/></stream:stream>")
                self._close()
            else:
                self._write(f"<proceed xmlns='{NS_TLS}'/>")
                self.encrypted = True
                self._start_tls()
        elif element.uri in (NS_SASL, NS_SASL2):
            self._sasl(element)
        elif element.uri == NS_SM:
            self._management(element)
        elif self.logged_in and element.uri == NS_CLIENT:
            self._stanza(element)
        elif element.name == "iq" and self.behaviour.registrar:
            self._write(self.behaviour.registrar(element))

    # -- the log-in ----------------------------------------------------------------------------------------------

    def _sasl(self, element: Element) -> None:
        told = self.behaviour
        if element.name in ("auth", "authenticate"):
            self._begun = element if element.uri == NS_SASL2 else None
            if self._begun is not None:
                self.memory.begun.append(element)
            self._mechanism = element["mechanism"]
        text = xml.text_of(xml.child(element, "initial-response") if element.name == "authenticate" else element)
        raw = b"" if text == "=" else base64.b64decode(text)
        if self._mechanism.startswith("HT-"):
            self._token(raw)
            return
        message = raw.decode()
        self.memory.authorised.append(message)
        if told.refuse:
            self._write(self._failure(told.refuse))
        elif element.name != "response" and self._mechanism == "PLAIN":
            if message == f"\0{told.user}\0{told.password}":
                self._success("")
            else:
                self._write(self._failure())
        elif element.name != "response":
            self._first(self._mechanism, message)
        elif self._scram is None:
            self._success("")
        else:
            self._final(message)

    def _token(self, message: bytes) -> None:
        told, memory = self.behaviour.sasl2, self.memory
        assert told is not None
        self.memory.authorised.append(self._mechanism)
        binding = self._bindings().get(
            {"EXPR": "tls-exporter", "UNIQ": "tls-unique"}.get(self._mechanism[-4:], ""), b""
        )
        for token, mechanism in memory.tokens.items():
            signed = hmac.new(token.encode(), b"Initiator" + binding, "sha256").digest()
            if mechanism == self._mechanism and message == self.behaviour.user.encode() + b"\0" + signed:
                answer = hmac.new(token.encode(), b"Responder" + binding, "sha256").digest()
                answer = {"": answer, "wrong": b"x" * 32, "none": b""}[told.responder]
                self._success_bytes(answer)
                return
        self._write(self._failure(told.refuse_token))

    def _first(self, mechanism: str, message: str) -> None:
        told = self.behaviour
        if told.scram == "early-success":
            self._success("")
            return
        made = ScramMechanism(mechanism)
        bindings = self._bindings()
        flag = message.partition(",")[0]
        binding = None
        if flag.startswith("p="):
            binding = (flag[2:], bindings["tls-unique" if told.old_binding else flag[2:]])
        elif flag == "y" and any(each.endswith("-PLUS") for each in told.names):
            self._write(self._failure())
            return
        info = made.make_auth_info(told.password, iteration_count=4096, salt=b"0123456789abcdef")
        self._scram = made.make_server(lambda user: info, channel_binding=binding)
        self._scram.set_client_first(message)
        challenge = self._scram.get_server_first()
        challenge = challenge.replace("i=4096", f"i={told.iterations}")  # another than 4096 must be refused
        if told.signed_offer:
            challenge += f",h={told.signed_offer}"
            self._scram.server_first = challenge  # it goes into both proofs
        if told.scram == "mandatory":
            challenge = f"m=must,{challenge}"
        if told.scram == "foreign-nonce":
            challenge = f"r=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA,{challenge.partition(',')[2]}"
        self._challenge(challenge)

    def _final(self, message: str) -> None:
        told = self.behaviour
        if told.scram == "no-signature":
            self._success("")
            return
        try:
            self._scram.set_client_final(message)
        except Exception:
            self._write(self._failure())
            return
        proof = self._scram.get_server_final()
        if told.scram == "bad-signature":
            proof = "v=" + base64.b64encode(b"x" * 20).decode()
        if told.scram == "error":
            proof = "e=other-error"
        if told.scram == "extra-challenge":
            self._scram = None
            self._challenge(proof)
            return
        self._success(proof)

    def _challenge(self, text: str) -> None:
        self._write(f"<challenge xmlns='{self._namespace}'>{_packed(text)}</challenge>")

    def _success(self, proof: str) -> None:
        self._success_bytes(proof.encode())

    def _success_bytes(self, proof: bytes) -> None:
        told, data = self.behaviour, base64.b64encode(proof).decode()
        if self._begun is None:
            self.logged_in = True
            self._write(f"<success xmlns='{NS_SASL}'>{data}</success>")
            return
        assert told.sasl2 is not None
        if told.sasl2.success:
            self._write(told.sasl2.success)
            return
        self.logged_in = True
        self._write(success(self, told.sasl2, self._begun, data))

    @property
    def _namespace(self) -> str:
        return NS_SASL if self._begun is None else NS_SASL2

    def _failure(self, condition: str = "not-authorized") -> str:
        return f"<failure xmlns='{self._namespace}'><{condition} xmlns='{NS_SASL}'/></failure>"

    # -- the session ---------------------------------------------------------------------------------------------

    def _stanza(self, element: Element) -> None:
        if self.managed:
            self.memory.counted = (self.memory.counted + 1) % 2**32
        bind = xml.child(element, "bind", NS_BIND)
        id = element.attributes.get("id", "")
        if bind is not None:
            self.memory.logins += 1
            jid = self.behaviour.bind or f"{self.behaviour.user}@{self.behaviour.domain}/orchard"
            payload = f"<bind xmlns='{NS_BIND}'><jid>{xml.escape(jid)}</jid></bind>"
            self._write(f"<iq type='result' id='{id}'>{payload}</iq>")
            return
        self.memory.received.append(element)
        if element.name == "iq" and element["type"] in ("get", "set") and self.behaviour.answers:
            answer = self.behaviour.answers(element)
            if answer:
                self.send(answer)

    def _management(self, element: Element) -> None:
        told, memory = self.behaviour, self.memory
        if element.name == "enable":
            self.count()
            where = f" location='{self.behaviour.location}'" if self.behaviour.location else ""
            self._write(f"<enabled xmlns='{NS_SM}' resume='true' id='again'{where}/>")
        elif element.name == "resume":
            self._resume(int(element["h"]))
        elif element.name == "r" and told.answer_acks:
            self._write(f"<a xmlns='{NS_SM}' h='{memory.counted}'/>")
        elif element.name == "a":
            self._acknowledged(int(element["h"]))

    def count(self) -> None:
        """Count stanzas from now on."""
        self.managed = True
        self.memory.sent = self.memory.counted = 0
        self.memory.unacknowledged.clear()

    def _resume(self, h: int) -> None:
        self._write(self.resumption(h))
        if self.behaviour.resume == "yes":
            for text in self.memory.unacknowledged:
                self._write(text)

    def resumption(self, h: int) -> str:
        """The answer to a resumption."""
        told, memory = self.behaviour, self.memory
        if told.resume == "yes":
            self.managed = True
            self._acknowledged(h)
            return f"<resumed xmlns='{NS_SM}' previd='again' h='{memory.counted}'/>"
        if told.resume == "garbage":
            return f"<resumed xmlns='{NS_SM}' previd='again' h='-1'/>"
        known = f" h='{memory.counted}'" if told.resume == "with-h" else ""
        missing = "<item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
        return f"<failed xmlns='{NS_SM}'{known}>{missing}</failed>"

    def _acknowledged(self, h: int) -> None:
        memory = self.memory
        memory.acknowledged = h
        done = len(memory.unacknowledged) - (memory.sent - h)
        del memory.unacknowledged[: max(0, done)]


def _packed(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def bodies(memory: Memory) -> list[str]:
    """The bodies of the messages that the server got."""
    return [xml.text_of(xml.child(each, "body", NS_CLIENT)) for each in memory.received if each.name == "message"]


def stream_error(condition: str, end: str = "</stream:stream>") -> str:
    """The end of a stream with an error (RFC 6120 §4.9)."""
    return f"<stream:error><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>{end}"
